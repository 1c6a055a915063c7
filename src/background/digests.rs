//! The mail of the day: up to when it tells what came. What is told is the domain's (`notifications::digest`).

use chrono::{DateTime, Duration, NaiveTime, Utc};

/// The hour of the day (UTC) up to which a mail of the day tells what came: before work begins in Europe, and when it ends in Asia.
const HOUR: u32 = 6;

/// So long after the hour its mails are written: whatever was begun before it has come to its end.
const SETTLED: Duration = Duration::minutes(10);

/// What came before this is told by a mail of the day that is written now; the rest a day later.
pub fn boundary(now: DateTime<Utc>) -> DateTime<Utc> {
    let now = now - SETTLED;
    let hour = NaiveTime::from_hms_opt(HOUR, 0, 0).unwrap_or(NaiveTime::MIN);
    let today = now.date_naive().and_time(hour).and_utc();
    match today <= now {
        true => today,
        false => today - Duration::days(1),
    }
}

#[cfg(test)]
mod tests {
    use chrono::{DateTime, Utc};

    use super::boundary;

    #[test]
    fn a_day_ends_at_six() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        assert_eq!(boundary(at("2026-11-28T06:10:00Z")), at("2026-11-28T06:00:00Z"));
        assert_eq!(boundary(at("2026-11-28T06:09:59Z")), at("2026-11-27T06:00:00Z"));
        assert_eq!(boundary(at("2026-11-28T23:59:59Z")), at("2026-11-28T06:00:00Z"));
    }
}
