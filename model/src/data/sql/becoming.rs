//! What becomes of the values of a column, told from what has become of some.

use super::scale::Scale;
use super::schema::Enums;
use super::{SqlType, Value, cast, value};

/// What becomes of the values of a column.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Becoming {
    /// They stay what they are, but for what the new type cannot hold.
    Same,
    /// They are multiplied: `/ 100`.
    Scaled {
        /// By what.
        by: Scale,
        /// Whether digits are lost.
        coarse: bool,
    },
    /// Another value is there, whatever was there before.
    Replaced,
    /// Something is made of them, and nobody knows what it means.
    Computed,
}

/// What becomes of values, none of which is NULL: each with what it has become.
pub(super) fn becoming(pairs: &[(Value, Value)], (of, to): (&SqlType, &SqlType), enums: &Enums) -> Becoming {
    if pairs.iter().all(|(was, is)| is_converted(was, is, (of, to), enums)) {
        return Becoming::Same;
    }
    if let Some(scaled) = scaled(pairs, (of, to)) {
        return scaled;
    }
    let same = |(_, is): &(Value, Value)| is.is_null() && pairs[0].1.is_null() || is_equal(is, &pairs[0].1);
    if pairs.len() > 1 && pairs.iter().all(same) { Becoming::Replaced } else { Becoming::Computed }
}

/// Whether a cast, asked for or not, makes this of that.
fn is_converted(was: &Value, is: &Value, (of, to): (&SqlType, &SqlType), enums: &Enums) -> bool {
    let cast = |explicit| cast::convert(was, (of, to), explicit, enums).is_ok_and(|cast| is_equal(&cast, is));
    cast::context(of, to).is_some() && (cast(true) || cast(false))
}

/// Whether a value comes back as it was from the type it has become one of.
pub(super) fn comes_back(was: &Value, is: &Value, (of, to): (&SqlType, &SqlType), enums: &Enums) -> bool {
    let same = |back: &Value| is_equal(back, was) || (of.is_string() && to.is_numeric() && is_same_number(back, was));
    cast::context(to, of).is_some() && cast::convert(is, (to, of), true, enums).is_ok_and(|back| same(&back))
}

/// Whether two texts are one number, but for zeros at the end of its fraction.
fn is_same_number(a: &Value, b: &Value) -> bool {
    let short = |value: &Value| {
        let Value::Text(text) = value else { return None };
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        Some((whole.to_owned(), fraction.trim_end_matches('0').to_owned()))
    };
    short(a).is_some_and(|a| short(b) == Some(a))
}

fn is_equal(a: &Value, b: &Value) -> bool {
    value::compare(a, b) == Some(std::cmp::Ordering::Equal)
}

fn number(value: &Value, of: &SqlType) -> Option<f64> {
    let number: f64 = value.text(of)?.parse().ok()?;
    number.is_finite().then_some(number)
}

/// One factor for all values, found in the largest of them; what is finer than the new type is cut, or rounded.
fn scaled(pairs: &[(Value, Value)], (of, to): (&SqlType, &SqlType)) -> Option<Becoming> {
    if !(of.is_numeric() && to.is_numeric()) {
        return None;
    }
    let numbers = pairs.iter().map(|(was, is)| Some((number(was, of)?, number(is, to)?)));
    let numbers: Vec<(f64, f64)> = numbers.collect::<Option<_>>()?;
    let kept = || numbers.iter().filter(|(was, is)| *was != 0.0 && *is != 0.0);
    let (was, is) = kept().max_by(|a, b| a.0.abs().total_cmp(&b.0.abs()))?;
    let (factor, by) = factor(is / was)?;
    let off = |(was, is): &(f64, f64)| (is - was * factor).abs();
    let exact = |pair: &(f64, f64)| off(pair) <= 1e-6 * pair.1.abs();
    let near = |pair: &(f64, f64)| exact(pair) || off(pair) < 0.999 * finest(to);
    let coarse = !numbers.iter().all(exact);
    (kept().count() > 2 && numbers.iter().all(near)).then_some(Becoming::Scaled { by, coarse })
}

/// Whether a value has become a multiple of it, without a rest.
pub(super) fn is_multiple(was: &Value, is: &Value, by: Scale, (of, to): (&SqlType, &SqlType)) -> bool {
    let pair = number(was, of).zip(number(is, to));
    pair.is_some_and(|(was, is)| (is - was * by.factor()).abs() <= 1e-9 * is.abs())
}

/// The finest step of a type; zero where there is none.
fn finest(of: &SqlType) -> f64 {
    match of {
        SqlType::Numeric(Some(digits)) => format!("1e-{}", digits.scale).parse().unwrap_or(0.0),
        of if of.integers().is_some() => 1.0,
        _ => 0.0,
    }
}

/// A factor that somebody would write down: an integer, or one divided by an integer, but not one itself.
fn factor(ratio: f64) -> Option<(f64, Scale)> {
    let whole = |number: f64| {
        let nearest = number.round();
        (nearest != 0.0 && (nearest - number).abs() < 1e-3 * nearest.abs()).then_some(nearest)
    };
    let found = match whole(ratio) {
        Some(times) => (times, Scale::new(times as i128, 1)?),
        None => whole(1.0 / ratio).and_then(|parts| Some((1.0 / parts, Scale::new(1, parts as i128)?)))?,
    };
    Some(found).filter(|(factor, _)| (factor - 1.0).abs() > f64::EPSILON)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_integers(make: impl Fn(i64) -> i64) -> Becoming {
        let pairs: Vec<_> =
            [1, 7, 150, 1_000_000, -7, 0, 2_147_483_000].map(|n| (Value::Int(n), Value::Int(make(n)))).to_vec();
        becoming(&pairs, (&SqlType::Bigint, &SqlType::Bigint), &Enums::default())
    }

    #[test]
    fn what_is_done_to_numbers_is_told_from_what_they_become() {
        let scaled = |(times, parts), coarse| Becoming::Scaled { by: Scale::new(times, parts).unwrap(), coarse };
        assert_eq!(of_integers(|n| n), Becoming::Same);
        assert_eq!(of_integers(|n| n * 100), scaled((100, 1), false));
        assert_eq!(of_integers(|n| n / 100), scaled((1, 100), true));
        assert_eq!(of_integers(|n| n / 3), scaled((1, 3), true));
        assert_eq!(of_integers(|n| -n), scaled((-1, 1), false));
        assert_eq!(of_integers(|_| 0), Becoming::Replaced);
        assert_eq!(of_integers(|n| n + 1), Becoming::Computed);
        assert_eq!(of_integers(|n| if n > 5 { n * 2 } else { n }), Becoming::Computed);
    }

    #[test]
    fn a_cast_leaves_values_what_they_are() {
        let pairs = [("1", 1), ("7", 7)].map(|(was, is)| (Value::Text(was.to_owned()), Value::Int(is)));
        assert_eq!(becoming(&pairs, (&SqlType::Text, &SqlType::Integer), &Enums::default()), Becoming::Same);
    }
}
