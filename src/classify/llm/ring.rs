//! A sliding window of time, as a ring of [`SLICES`] slices with what was counted in each.
//!
//! A slice that is too old is emptied when its place is needed, so the window slides in steps of a tenth of its length, a look at it
//! takes constant time (a bounded number of old slices at most), and memory never grows. Time is handed in; one that goes backwards (two callers
//! racing for a lock) counts into the newest slice.

use std::time::Duration;

/// Slices of a window; ten make its edge blur by at most a tenth of its length.
const SLICES: usize = 10;

/// See the module.
#[derive(Debug)]
pub(super) struct Ring<T> {
    slice: Duration,
    slices: [T; SLICES],
    /// Number of the newest slice, counted from time zero.
    newest: u64,
}

impl<T: Copy + Default> Ring<T> {
    /// An empty window of this length.
    pub(super) fn over(window: Duration) -> Self {
        Self {
            slice: window / SLICES as u32,
            slices: [T::default(); SLICES],
            newest: 0,
        }
    }

    /// The slice that `now` is in. What left the window since the last look is handed to `gone`, slice by slice.
    pub(super) fn at(&mut self, now: Duration, mut gone: impl FnMut(T)) -> &mut T {
        let current = u64::try_from(now.as_nanos() / self.slice.as_nanos().max(1)).unwrap_or(u64::MAX);
        let stale = current.saturating_sub(self.newest).min(SLICES as u64);
        for step in 0..stale {
            gone(std::mem::take(&mut self.slices[index(current - step)]));
        }
        self.newest = self.newest.max(current);
        &mut self.slices[index(self.newest)]
    }

    /// What every slice holds, as of the last look.
    pub(super) fn slices(&self) -> &[T] {
        &self.slices
    }

    /// Forgets everything.
    pub(super) fn clear(&mut self) {
        self.slices = [T::default(); SLICES];
    }
}

const fn index(slice: u64) -> usize {
    (slice % SLICES as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_leaves_the_window_is_handed_back_once() {
        let mut ring = Ring::<u32>::over(Duration::from_secs(10));
        let second = Duration::from_secs;
        for s in [0, 4, 9] {
            *ring.at(second(s), |slice| assert_eq!(slice, 0, "{s}: within the window")) += 1;
        }
        let mut gone = 0;
        let mut look = |ring: &mut Ring<u32>, s| {
            ring.at(second(s), |slice| gone += slice);
            (gone, ring.slices().iter().sum::<u32>())
        };
        assert_eq!(look(&mut ring, 10), (1, 2), "the first second's");
        assert_eq!(look(&mut ring, 2), (1, 2), "time went backwards");
        assert_eq!(look(&mut ring, 18), (2, 1));
        assert_eq!(look(&mut ring, 1_000), (3, 0));
        *ring.at(second(1_000), |_| ()) += 1;
        ring.clear();
        assert_eq!(look(&mut ring, 1_001), (3, 0));
    }
}
