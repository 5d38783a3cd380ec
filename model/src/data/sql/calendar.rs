//! Dates and times: days and microseconds since 2000-01-01, in the proleptic Gregorian calendar, UTC.
//!
//! *Supported*: the ISO forms `2024-01-02`, `2024-01-02 03:04:05.678`, with `T`, `Z` and offsets like
//! `+02` or `+02:30`; years 1 to 9999. PostgreSQL reads many more; a text that it might read is refused
//! by name, and only what it certainly does not read is 22007.

use super::error::{SqlError, State, raise, unsupported};

/// Days from 1970-01-01 to 2000-01-01.
const EPOCH: i64 = 10_957;
/// Microseconds of a day.
pub(super) const DAY: i64 = 86_400_000_000;

/// What a text says.
pub(super) struct Moment {
    /// Days since 2000-01-01.
    pub(super) day: i64,
    /// Microseconds since midnight.
    pub(super) micros: i64,
    /// Microseconds that its time zone is ahead of UTC.
    pub(super) ahead: i64,
}

/// Words that PostgreSQL understands in a date or time, and this model does not.
const WORDS: [&str; 43] = [
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "mon",
    "tue",
    "tues",
    "wed",
    "weds",
    "thu",
    "thur",
    "thurs",
    "fri",
    "sat",
    "sun",
    "now",
    "today",
    "tomorrow",
    "yesterday",
    "epoch",
    "infinity",
    "am",
    "pm",
    "bc",
    "ad",
    "utc",
    "gmt",
    "zulu",
    "allballs",
    "est",
    "cet",
    "pst",
    "j",
    "y",
];

/// Days since 2000-01-01 of a date. (Howard Hinnant's `days_from_civil`, public domain.)
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468 - EPOCH
}

/// Year, month and day. (Howard Hinnant's `civil_from_days`, public domain.)
fn civil(day: i64) -> (i64, i64, i64) {
    let day = day + EPOCH + 719_468;
    let (era, of_era) = (day.div_euclid(146_097), day.rem_euclid(146_097));
    let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    (year + era * 400 + i64::from(month <= 2), month, of_year - (153 * shifted + 2) / 5 + 1)
}

fn days_of(year: i64, month: i64) -> i64 {
    let next = if month == 12 { (year + 1, 1) } else { (year, month + 1) };
    days(next.0, next.1, 1) - days(year, month, 1)
}

/// `2024-01-02`.
pub(super) fn date_text(day: i64) -> String {
    let (year, month, day) = civil(day);
    format!("{year:04}-{month:02}-{day:02}")
}

/// `2024-01-02 03:04:05.6`.
pub(super) fn timestamp_text(micros: i64) -> String {
    let of_day = micros.rem_euclid(DAY);
    let (seconds, fraction) = (of_day / 1_000_000, of_day % 1_000_000);
    let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
    let fraction = format!(".{fraction:06}");
    let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
    format!("{} {hours:02}:{minutes:02}:{seconds:02}{fraction}", date_text(micros.div_euclid(DAY)))
}

/// Reads a date, with or without a time.
pub(super) fn parse(text: &str) -> Result<Moment, SqlError> {
    let trimmed = text.trim();
    match iso(trimmed) {
        Some(moment) => moment,
        None if may_be_a_date(trimmed) => unsupported(format!("the date or time \"{text}\"; write it as ISO 8601")),
        None => raise(State::InvalidDatetime, format!("invalid input syntax for a date or time: \"{text}\"")),
    }
}

fn may_be_a_date(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let words: Vec<&str> = lower.split(|c: char| !c.is_ascii_alphabetic()).filter(|word| !word.is_empty()).collect();
    let known = |word: &&str| {
        let month = word.len() > 3 && WORDS[..12].iter().any(|name| word.starts_with(name));
        let day = word.len() > 3 && word.ends_with("day");
        month || day || WORDS.contains(word) || (word.len() == 1)
    };
    let short_number = lower.len() < 6 && lower.bytes().all(|b| b.is_ascii_digit());
    let has_digits = lower.bytes().any(|b| b.is_ascii_digit());
    if words.is_empty() { has_digits && !short_number } else { words.iter().all(known) }
}

/// `None` when the text is of another form.
fn iso(text: &str) -> Option<Result<Moment, SqlError>> {
    let (date, rest) = text.split_at_checked(10)?;
    let numbers = fields(date, '-')?;
    let [year, month, day] = numbers[..] else { return None };
    if date.as_bytes()[4] != b'-' || date.as_bytes()[7] != b'-' {
        return None;
    }
    let time = rest.strip_prefix(['T', 't', ' ']).map(str::trim);
    let (clock, zone) = match time {
        None if rest.is_empty() => ("", ""),
        None => return None,
        Some(time) => time.split_at(time.find(['+', '-', 'Z', 'z']).unwrap_or(time.len())),
    };
    let micros = if clock.is_empty() { (rest.is_empty()).then_some(Ok(0))? } else { time_of_day(clock.trim())? };
    let ahead = offset(zone)?;
    Some(moment((year, month, day), micros, ahead))
}

fn moment((year, month, day): (i64, i64, i64), micros: Result<i64, SqlError>, ahead: i64) -> Result<Moment, SqlError> {
    let exists = year >= 1 && (1..=12).contains(&month) && day >= 1 && day <= days_of(year, month);
    if !exists {
        return raise(State::DatetimeOverflow, "date/time field value out of range");
    }
    Ok(Moment { day: days(year, month, day), micros: micros?, ahead })
}

fn fields(text: &str, separator: char) -> Option<Vec<i64>> {
    text.split(separator).map(number).collect()
}

fn number(text: &str) -> Option<i64> {
    let is_number = !text.is_empty() && text.len() <= 4 && text.bytes().all(|b| b.is_ascii_digit());
    is_number.then(|| text.parse().ok()).flatten()
}

/// `03:04`, `03:04:05` or `03:04:05.678`.
fn time_of_day(clock: &str) -> Option<Result<i64, SqlError>> {
    let (whole, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let parts: Vec<&str> = whole.split(':').collect();
    let short = parts.iter().all(|part| part.len() <= 2);
    let numbers: Vec<i64> = parts.iter().map(|part| number(part)).collect::<Option<_>>()?;
    let (hours, minutes, seconds) = match numbers[..] {
        [hours, minutes] if fraction.is_empty() => (hours, minutes, 0),
        [hours, minutes, seconds] => (hours, minutes, seconds),
        _ => return None,
    };
    if !short || !fraction.bytes().all(|b| b.is_ascii_digit()) || seconds == 60 {
        return None;
    }
    let micros = ((hours * 60 + minutes) * 60 + seconds) * 1_000_000 + fraction_micros(fraction);
    let exists = minutes < 60 && seconds < 60 && micros <= DAY;
    let error = || raise(State::DatetimeOverflow, "date/time field value out of range");
    Some(if exists { Ok(micros) } else { error() })
}

/// As the database does it: by way of a double.
fn fraction_micros(digits: &str) -> i64 {
    let fraction: f64 = format!("0.{digits}0").parse().unwrap_or(0.0);
    #[expect(clippy::cast_possible_truncation, reason = "at most a million")]
    let micros = (fraction * 1_000_000.0).round_ties_even() as i64;
    micros
}

fn offset(zone: &str) -> Option<i64> {
    if zone.is_empty() || zone.eq_ignore_ascii_case("z") {
        return Some(0);
    }
    let sign = if zone.starts_with('-') { -1 } else { 1 };
    let parts = zone[1..].split(':').map(|part| number(part).filter(|_| part.len() == 2));
    let minutes = match parts.collect::<Option<Vec<_>>>()?[..] {
        [hours] if hours < 16 => hours * 60,
        [hours, minutes] if hours < 16 && minutes < 60 => hours * 60 + minutes,
        _ => return None,
    };
    Some(sign * minutes * 60_000_000)
}

/// Rounds to `digits` of a second, half away from zero.
pub(super) fn round(micros: i64, digits: u8) -> i64 {
    let unit = 10_i64.pow(6 - u32::from(digits.min(6)));
    let rounded = (micros.abs() + unit / 2) / unit * unit;
    if micros < 0 { -rounded } else { rounded }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stamp(text: &str) -> i64 {
        let moment = parse(text).unwrap();
        moment.day * DAY + moment.micros
    }

    #[test]
    fn days_and_dates_are_inverse() {
        for day in (-730_000..=2_900_000).step_by(97) {
            let (year, month, of_month) = civil(day);
            assert_eq!(days(year, month, of_month), day);
        }
        assert_eq!(days(2000, 1, 1), 0);
        assert_eq!(date_text(days(2024, 2, 29)), "2024-02-29");
    }

    #[test]
    fn a_timestamp_prints_as_it_was_read() {
        for text in
            ["2024-01-02 03:04:05", "1999-12-31 23:59:59.999999", "0001-01-01 00:00:00", "2024-01-02 03:04:05.5"]
        {
            assert_eq!(timestamp_text(stamp(text)), text);
        }
        assert_eq!(timestamp_text(stamp("2024-01-01T24:00:00Z")), "2024-01-02 00:00:00");
        assert_eq!(parse("2024-01-02 03:04:05+02:30").unwrap().ahead, 9_000_000_000);
    }

    #[test]
    fn days_that_do_not_exist_overflow() {
        for text in ["2023-02-29", "2024-13-01", "2024-01-02 25:00:00", "2024-01-02 03:61:00"] {
            assert_eq!(parse(text).err().and_then(|e| e.state()), Some(State::DatetimeOverflow), "{text}");
        }
    }

    #[test]
    fn other_forms_are_refused_by_name_and_nonsense_is_an_error() {
        for text in ["01/02/2024", "Jan 2, 2024", "today", "20240102", "2024-01-02 03:04 PM"] {
            assert!(matches!(parse(text), Err(SqlError::Unsupported(_))), "{text}");
        }
        for text in ["not a date", "", "nodate", "7", "12345"] {
            assert_eq!(parse(text).err().and_then(|e| e.state()), Some(State::InvalidDatetime), "{text}");
        }
    }

    #[test]
    fn halves_are_rounded_away_from_zero() {
        assert_eq!(round(1_500_000, 0), 2_000_000);
        assert_eq!(round(-1_500_000, 0), -2_000_000);
        assert_eq!(round(1_234_567, 3), 1_235_000);
    }
}
