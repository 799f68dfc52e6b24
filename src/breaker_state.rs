//! What state a breaker is in. The machines differ: the LLM's counts rates over a window, an outside system's failures in a row.

closed_set! {
    /// Closed: calls pass. Open: calls are refused. HalfOpen: probes pass.
    BreakerState {
        /// Calls pass and are counted.
        Closed = "closed",
        /// Calls are refused.
        Open = "open",
        /// A few calls pass, to see.
        HalfOpen = "half_open",
    }
}
