//! Regulatory due dates: calendar days from day zero.
//!
//! Day zero is the calendar day on which the report was received; the due date is that many days after it (21 CFR
//! 314.80(c)(1)(i): "as soon as possible but no later than 15 calendar days from initial receipt of the information";
//! EU GVP Module VI.B.7: day 0 is the day of receipt). Weekends and holidays count. Which clock applies is a
//! qualified person's decision; both are computed.

use jiff::civil::Date;
use jiff::tz::{Offset, TimeZone};
use jiff::{Timestamp, ToSpan};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The dates of one report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct RegulatoryDates {
    /// The calendar day of receipt.
    #[schema(value_type = String, format = Date)]
    pub day_zero: Date,
    /// Last day to report a serious, unexpected case.
    #[schema(value_type = String, format = Date)]
    pub serious_unexpected_due: Date,
    /// Last day to report any other case.
    #[schema(value_type = String, format = Date)]
    pub other_due: Date,
    /// Calendar days of the first clock.
    pub serious_unexpected_days: u16,
    /// Calendar days of the second clock.
    pub other_days: u16,
}

/// The calendar day of `received_at` at a fixed offset from UTC, in hours.
#[must_use]
pub fn day_zero(received_at: Timestamp, utc_offset_hours: i8) -> Date {
    let offset = Offset::from_hours(utc_offset_hours).unwrap_or(Offset::UTC);
    TimeZone::fixed(offset).to_datetime(received_at).date()
}

/// `days` calendar days after `day_zero`. Saturates at the end of the calendar.
#[must_use]
fn calendar_days_after(day_zero: Date, days: u16) -> Date {
    day_zero.saturating_add(i64::from(days).days())
}

/// All dates of a report.
#[must_use]
pub fn regulatory_dates(day_zero: Date, serious_unexpected_days: u16, other_days: u16) -> RegulatoryDates {
    RegulatoryDates {
        day_zero,
        serious_unexpected_due: calendar_days_after(day_zero, serious_unexpected_days),
        other_due: calendar_days_after(day_zero, other_days),
        serious_unexpected_days,
        other_days,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_calendar_days_over_leap_days_and_year_ends() {
        for (zero, days, due) in [
            ("2026-11-22", 15, "2026-12-07"),
            ("2026-11-22", 90, "2027-02-20"),
            ("2026-12-31", 15, "2027-01-15"),
            ("2026-12-17", 15, "2027-01-01"),
            ("2028-02-14", 15, "2028-02-29"),
            ("2028-02-15", 15, "2028-03-01"),
            ("2027-02-14", 15, "2027-03-01"),
            ("2028-02-29", 15, "2028-03-15"),
            ("2027-12-01", 90, "2028-02-29"),
            ("2026-12-01", 90, "2027-03-01"),
            ("2100-02-14", 15, "2100-03-01"),
            ("2000-02-14", 15, "2000-02-29"),
            ("2026-03-07", 15, "2026-03-22"),
            ("2026-01-01", 365, "2027-01-01"),
            ("9999-12-31", 15, "9999-12-31"),
        ] {
            assert_eq!(
                calendar_days_after(zero.parse().unwrap(), days).to_string(),
                due,
                "{zero} + {days}"
            );
        }
    }

    #[test]
    fn day_zero_is_the_calendar_day_of_receipt_where_the_operator_is() {
        for (received, offset, day) in [
            ("2026-11-22T23:59:59Z", 0, "2026-11-22"),
            ("2026-11-23T00:00:00Z", 0, "2026-11-23"),
            ("2026-11-23T03:00:00Z", -5, "2026-11-22"),
            ("2027-01-01T04:59:59Z", -5, "2026-12-31"),
            ("2028-02-28T23:30:00Z", 1, "2028-02-29"),
        ] {
            assert_eq!(
                day_zero(received.parse().unwrap(), offset).to_string(),
                day,
                "{received} at {offset}"
            );
        }
    }
}
