//! How soon something has to happen: one scale for answers, tickets and what outside systems are told. A closed set of words, which decides
//! nothing.

closed_set! {
    /// How soon something has to happen.
    Priority {
        /// Nobody waits for it.
        Low = "low",
        /// The usual.
        Medium = "medium",
        /// Before the usual.
        High = "high",
        /// At once.
        Urgent = "urgent",
    }
}
