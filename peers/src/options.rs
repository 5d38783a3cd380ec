//! What can be typed.

/// How it is used.
pub(crate) const USAGE: &str = "usage: gameday-peers [--json] [--seconds N] [--rounds N] [--seed N]

  --json       print a JSON document instead of a table
  --seconds N  simulate N seconds of the chain each time (default 120)
  --rounds N   run everybody N times (default 5)
  --seed N     the seed (default 1)";

/// What was typed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    pub(crate) json: bool,
    pub(crate) seconds: u64,
    pub(crate) rounds: u64,
    pub(crate) seed: u64,
}

impl Options {
    /// Reads the arguments after the program's name.
    ///
    /// # Errors
    /// On the first one that makes no sense.
    pub(crate) fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Self, String> {
        let mut options = Options { json: false, seconds: 120, rounds: 5, seed: 1 };
        while let Some(argument) = arguments.next() {
            let mut number = |least: u64| match arguments.next().map(|text| text.parse::<u64>()) {
                Some(Ok(number)) if number >= least => Ok(number),
                _ => Err(format!("`{argument}` takes a number from {least}")),
            };
            match argument.as_str() {
                "--json" => options.json = true,
                "--seconds" => options.seconds = number(1)?,
                "--rounds" => options.rounds = number(1)?,
                "--seed" => options.seed = number(0)?,
                _ => return Err(format!("there is no option `{argument}`")),
            }
        }
        Ok(options)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<Options, String> {
        Options::parse(text.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn options_are_read() {
        let read = parse("--json --rounds 3 --seed 0").unwrap();
        assert_eq!(read, Options { json: true, seconds: 120, rounds: 3, seed: 0 });
    }

    #[test]
    fn what_makes_no_sense_is_named() {
        assert_eq!(parse("--rounds 0"), Err("`--rounds` takes a number from 1".to_owned()));
        assert_eq!(parse("--seconds"), Err("`--seconds` takes a number from 1".to_owned()));
        assert_eq!(parse("--round 1"), Err("there is no option `--round`".to_owned()));
    }
}
