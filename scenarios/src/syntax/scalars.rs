//! The scalar shapes: what each is called, how it is read, what an editor may accept.
//!
//! The schemas also accept what an editor's YAML reader makes of a spelling before the schema
//! sees it: to such a reader `1.20` is a number and `yes` may be a boolean.

use model::flag::Setting;
use model::price::Price;
use model::ratio::Ratio;
use model::time::Span;
use serde_json::{Value as Json, json};

use super::duration::parse_duration;
use super::price::parse_price;
use super::rate::{Rate, parse_rate};
use super::units::{BadValue, CountOrShare, UpTo, parse_bool, parse_count, parse_ratio};

/// A type that is read from one scalar.
pub trait Scalar: Default {
    /// What a reader should have written: "a duration like `30s`".
    const WANTED: &'static str;

    /// Reads the scalar's characters.
    fn parse(text: &str) -> Result<Self, BadValue>;

    /// The JSON Schema of the spellings that can be read.
    fn spellings() -> Json;
}

/// A number the way quantities are written, as a regular expression.
const NUMBER: &str = r"\d+(_\d+)*(\.\d+)?";
const TIME_UNIT: &str = "(d|h|m|min|s|ms|us|µs|μs|ns)";

impl Scalar for Span {
    const WANTED: &'static str = "a duration like `30s`";

    fn parse(text: &str) -> Result<Self, BadValue> {
        parse_duration(text)
    }

    fn spellings() -> Json {
        json!({ "type": "string", "pattern": format!("^({NUMBER} *{TIME_UNIT} *)+$") })
    }
}

impl Scalar for Price {
    const WANTED: &'static str = "an amount and a currency like `0.10 USD`";

    fn parse(text: &str) -> Result<Self, BadValue> {
        parse_price(text)
    }

    fn spellings() -> Json {
        json!({ "type": "string", "pattern": r"^\d+(\.\d{1,6})? +[A-Z]{3}$" })
    }
}

impl Scalar for Rate {
    const WANTED: &'static str = "a rate like `120/s`";

    fn parse(text: &str) -> Result<Self, BadValue> {
        parse_rate(text)
    }

    fn spellings() -> Json {
        let period = format!("({TIME_UNIT}|({NUMBER} *{TIME_UNIT} *)+)");
        json!({ "type": "string", "pattern": format!("^{NUMBER} */ *{period}$") })
    }
}

impl Scalar for Ratio {
    const WANTED: &'static str = "a share like `20%`";

    fn parse(text: &str) -> Result<Self, BadValue> {
        parse_ratio(text)
    }

    fn spellings() -> Json {
        json!({ "anyOf": [
            { "type": "number", "minimum": 0, "maximum": 1 },
            { "type": "string", "pattern": format!("^{NUMBER} *%?$") },
        ] })
    }
}

impl Scalar for CountOrShare {
    const WANTED: &'static str = "a count like `2` or a share like `25%`";

    fn parse(text: &str) -> Result<Self, BadValue> {
        CountOrShare::parse(text)
    }

    fn spellings() -> Json {
        json!({ "anyOf": [
            { "type": "integer", "minimum": 0, "maximum": u32::MAX },
            { "type": "string", "pattern": format!("^{NUMBER}( *%|[kMG])?$") },
        ] })
    }
}

impl Scalar for u64 {
    const WANTED: &'static str = "a whole number";

    fn parse(text: &str) -> Result<Self, BadValue> {
        parse_count(text, u64::MAX)
    }

    fn spellings() -> Json {
        count_spellings(u64::MAX)
    }
}

impl Scalar for u32 {
    const WANTED: &'static str = "a whole number";

    fn parse(text: &str) -> Result<Self, BadValue> {
        let count = parse_count(text, u64::from(u32::MAX))?;
        Ok(u32::try_from(count).expect("the count is at most u32::MAX"))
    }

    fn spellings() -> Json {
        count_spellings(u64::from(u32::MAX))
    }
}

impl<const MAX: u32> Scalar for UpTo<MAX> {
    const WANTED: &'static str = "a whole number";

    fn parse(text: &str) -> Result<Self, BadValue> {
        let count = parse_count(text, u64::from(MAX))?;
        Ok(UpTo(u32::try_from(count).expect("the count is at most a u32")))
    }

    fn spellings() -> Json {
        count_spellings(u64::from(MAX))
    }
}

fn count_spellings(max: u64) -> Json {
    json!({ "anyOf": [
        { "type": "integer", "minimum": 0, "maximum": max },
        { "type": "string", "pattern": format!("^{NUMBER}[kMG]?$") },
    ] })
}

impl Scalar for bool {
    const WANTED: &'static str = "`on` or `off`";

    fn parse(text: &str) -> Result<Self, BadValue> {
        parse_bool(text)
    }

    fn spellings() -> Json {
        json!({ "anyOf": [
            { "type": "boolean" },
            { "enum": ["true", "on", "yes", "false", "off", "no"] },
        ] })
    }
}

impl Scalar for Setting {
    const WANTED: &'static str = "`on`, `off` or a share like `5 %`";

    fn parse(text: &str) -> Result<Self, BadValue> {
        if text.trim_end().ends_with('%') {
            return parse_ratio(text).map(Setting::of);
        }
        let help = "write `on`, `off`, or the share of the customers it is on for, like `5 %`";
        parse_bool(text).map(Setting::switched).map_err(|bad| bad.help(help))
    }

    fn spellings() -> Json {
        json!({ "anyOf": [bool::spellings(), { "type": "string", "pattern": format!("^{NUMBER} *%$") }] })
    }
}

impl Scalar for String {
    const WANTED: &'static str = "text";

    fn parse(text: &str) -> Result<Self, BadValue> {
        Ok(text.to_owned())
    }

    fn spellings() -> Json {
        json!({ "type": ["string", "number", "boolean"] })
    }
}
