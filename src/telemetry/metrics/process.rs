//! The process as the operating system sees it, under the names every Prometheus client uses.
//!
//! Read from `/proc` when somebody scrapes. What cannot be read (another system, a hardened `/proc`) is left out; a scrape never fails for it.

use prometheus_client::collector::Collector;
use prometheus_client::encoding::{DescriptorEncoder, EncodeMetric};
use prometheus_client::metrics::counter::ConstCounter;
use prometheus_client::metrics::gauge::ConstGauge;
use prometheus_client::registry::Unit;

#[derive(Debug)]
pub(super) struct Process;

/// One reading; `None` where it could not be taken.
#[derive(Debug, Default)]
struct Reading {
    cpu_seconds: Option<f64>,
    resident_bytes: Option<u64>,
    virtual_bytes: Option<u64>,
    start_seconds: Option<f64>,
    threads: Option<u64>,
    open_fds: Option<u64>,
    max_fds: Option<u64>,
}

#[cfg(target_os = "linux")]
fn read() -> Reading {
    use procfs::CurrentSI as _;

    let Ok(process) = procfs::process::Process::myself() else {
        return Reading::default();
    };
    let mut reading = Reading {
        open_fds: process.fd_count().ok().and_then(|count| count.try_into().ok()),
        ..Reading::default()
    };
    if let Ok(procfs::process::LimitValue::Value(max)) =
        process.limits().map(|limits| limits.max_open_files.soft_limit)
    {
        reading.max_fds = Some(max);
    }
    if let Ok(stat) = process.stat() {
        #[expect(
            clippy::cast_precision_loss,
            reason = "ticks and seconds of one process are far below 2^52"
        )]
        let seconds = |ticks: u64| ticks as f64 / procfs::ticks_per_second() as f64;
        reading.cpu_seconds = Some(seconds(stat.utime + stat.stime));
        reading.resident_bytes = Some(stat.rss * procfs::page_size());
        reading.virtual_bytes = Some(stat.vsize);
        reading.threads = stat.num_threads.try_into().ok();
        let booted = procfs::KernelStats::current().ok().map(|kernel| kernel.btime);
        #[expect(clippy::cast_precision_loss, reason = "seconds since 1970 are far below 2^52")]
        let started = booted.map(|booted| booted as f64 + seconds(stat.starttime));
        reading.start_seconds = started;
    }
    reading
}

#[cfg(not(target_os = "linux"))]
fn read() -> Reading {
    Reading::default()
}

impl Collector for Process {
    fn encode(&self, mut encoder: DescriptorEncoder<'_>) -> Result<(), std::fmt::Error> {
        let reading = read();
        let mut gauge = |name, help, unit: Option<&Unit>, value: Option<f64>| match value {
            None => Ok(()),
            Some(value) => {
                let gauge = ConstGauge::new(value);
                gauge.encode(encoder.encode_descriptor(name, help, unit, gauge.metric_type())?)
            }
        };
        #[expect(
            clippy::cast_precision_loss,
            reason = "bytes and counts of one process are far below 2^52"
        )]
        let number = |value: Option<u64>| value.map(|value| value as f64);
        gauge(
            "process_resident_memory",
            "Resident memory",
            Some(&Unit::Bytes),
            number(reading.resident_bytes),
        )?;
        gauge(
            "process_virtual_memory",
            "Virtual memory",
            Some(&Unit::Bytes),
            number(reading.virtual_bytes),
        )?;
        gauge(
            "process_start_time",
            "When the process started, in seconds since 1970",
            Some(&Unit::Seconds),
            reading.start_seconds,
        )?;
        gauge("process_threads", "Threads", None, number(reading.threads))?;
        gauge(
            "process_open_fds",
            "Open file descriptors",
            None,
            number(reading.open_fds),
        )?;
        gauge(
            "process_max_fds",
            "Most file descriptors the process may open",
            None,
            number(reading.max_fds),
        )?;
        if let Some(cpu) = reading.cpu_seconds {
            let cpu = ConstCounter::new(cpu);
            let descriptor = encoder.encode_descriptor(
                "process_cpu",
                "CPU time, user and system",
                Some(&Unit::Seconds),
                cpu.metric_type(),
            )?;
            cpu.encode(descriptor)?;
        }
        Ok(())
    }
}
