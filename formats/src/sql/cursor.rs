//! A place in a text, and small steps from there.

use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::keywords::Keyword;
use sqlparser::parser::{Parser, ParserError};
use sqlparser::tokenizer::{Location, Token, TokenWithSpan, Tokenizer};

use crate::{Position, SchemaError};

/// What was read, or why not.
pub(super) type Read<T> = Result<T, Refusal>;

/// Something that is not understood.
pub(super) struct Refusal {
    at: Position,
    found: String,
    help: String,
}

impl Refusal {
    pub(super) fn new(at: Position, found: impl Into<String>, help: impl Into<String>) -> Self {
        Refusal { at, found: found.into(), help: help.into() }
    }

    pub(super) fn into_error(self, name: &str) -> SchemaError {
        SchemaError { position: Some(self.at), ..SchemaError::new(name, "", self.found, self.help) }
    }
}

/// A place in a text.
pub(super) struct Cursor<'a> {
    pub(super) parser: Parser<'a>,
    /// Where the text ends: the library has no place for that.
    end: Position,
}

/// What the name of a parameter begins with where there may be one.
pub(super) const PARAMETER: &str = "$parameter ";

/// The dialect whose expressions and types are read.
const DIALECT: PostgreSqlDialect = PostgreSqlDialect {};

/// How deep expressions may be nested: far deeper than people write them, and not too deep for a stack.
const DEPTH: usize = 10;
/// How many operators an expression may have.
const OPERATORS: usize = 64;

impl Cursor<'_> {
    /// The start of a text.
    pub(super) fn new(name: &str, text: &str) -> Result<Self, SchemaError> {
        Self::with(name, text, |token| token)
    }

    /// The start of a text in which parameters stand for values.
    pub(super) fn with_parameters(name: &str, text: &str) -> Result<Self, SchemaError> {
        Self::with(name, text, |token| match token {
            Token::Placeholder(name) => Token::Placeholder(format!("{PARAMETER}{name}")),
            other => other,
        })
    }

    fn with(name: &str, text: &str, as_read: impl Fn(Token) -> Token) -> Result<Self, SchemaError> {
        let start = Position { line: 1, column: 1 };
        let tokens = Tokenizer::new(&DIALECT, text).tokenize_with_location();
        let tokens = tokens.map_err(|error| refusal(&error.into(), start).into_error(name))?;
        let read = |token: TokenWithSpan| TokenWithSpan { token: as_read(token.token), ..token };
        let tokens: Vec<_> = tokens.into_iter().map(read).collect();
        if let Some(at) = too_deep(&tokens) {
            let help = format!("at most {DEPTH} parentheses deep, and {OPERATORS} operators long: write it as several");
            return Err(Refusal::new(at, "found an expression too deep or too long", help).into_error(name));
        }
        // Some levels more for the lists and operators that the library is in the middle of.
        let parser = Parser::new(&DIALECT).with_recursion_limit(DEPTH + 6);
        Ok(Cursor { parser: parser.with_tokens_with_locations(tokens), end: end_of(text) })
    }

    pub(super) fn position(&self) -> Position {
        let next = self.parser.peek_token();
        if next.token == Token::EOF { self.end } else { position(next.span.start) }
    }

    pub(super) fn is_at_end(&self) -> bool {
        self.parser.peek_token().token == Token::EOF
    }

    /// The next token, as it is written.
    pub(super) fn next_text(&self) -> String {
        match self.parser.peek_token().token {
            Token::EOF => "the end".to_owned(),
            token => format!("`{token}`"),
        }
    }

    pub(super) fn refuse<T>(&self, found: impl Into<String>, help: impl Into<String>) -> Read<T> {
        Err(Refusal::new(self.position(), format!("found {}", found.into()), help))
    }

    /// The next token is not what can stand here.
    pub(super) fn unexpected<T>(&self, expected: &str) -> Read<T> {
        self.refuse(self.next_text(), format!("expected {expected}"))
    }

    /// Whether the token `at` places ahead is written like that, in any case.
    pub(super) fn peeks(&self, at: usize, text: &str) -> bool {
        self.parser.peek_nth_token(at).token.to_string().eq_ignore_ascii_case(text)
    }

    /// Takes the rest of the statement, as it is written.
    pub(super) fn statement_text(&mut self) -> String {
        let mut tokens = Vec::new();
        while !self.is_at_end() && !self.symbol(";") {
            tokens.push(self.parser.next_token().token.to_string());
        }
        tokens.join(" ")
    }

    /// Takes these words, unquoted and in any case, all or none.
    pub(super) fn words(&mut self, words: &str) -> bool {
        let words: Vec<&str> = words.split(' ').collect();
        let is_next = |(index, word): (usize, &&str)| match self.parser.peek_nth_token(index).token {
            Token::Word(next) => next.quote_style.is_none() && next.value.eq_ignore_ascii_case(word),
            _ => false,
        };
        let all = words.iter().enumerate().all(is_next);
        if all {
            words.iter().for_each(|_| drop(self.parser.next_token()));
        }
        all
    }

    pub(super) fn expect_words(&mut self, words: &str) -> Read<()> {
        if self.words(words) { Ok(()) } else { self.unexpected(&format!("`{words}`")) }
    }

    /// Takes a punctuation mark.
    pub(super) fn symbol(&mut self, symbol: &str) -> bool {
        let is_next = self.parser.peek_token().token.to_string() == symbol;
        if is_next {
            self.parser.next_token();
        }
        is_next
    }

    pub(super) fn expect_symbol(&mut self, symbol: &str) -> Read<()> {
        if self.symbol(symbol) { Ok(()) } else { self.unexpected(&format!("`{symbol}`")) }
    }

    /// A name; in lower case unless it is quoted.
    pub(super) fn name(&mut self) -> Read<String> {
        let Token::Word(word) = self.parser.peek_token().token else { return self.unexpected("a name") };
        if word.quote_style.is_none() && is_reserved(word.keyword) {
            return self.unexpected("a name");
        }
        self.parser.next_token();
        Ok(folded(&word.value, word.quote_style))
    }

    /// The name of a table, index or type, in the schema `public` if anywhere.
    pub(super) fn relation(&mut self) -> Read<String> {
        let at = self.position();
        let first = self.name()?;
        if !self.symbol(".") {
            return Ok(first);
        }
        if first == "public" {
            return self.name();
        }
        Err(Refusal::new(at, format!("found the schema `{first}`"), "only tables of the schema `public` are modelled"))
    }

    /// What `read` reads, once or several times, with commas between.
    pub(super) fn list<T>(&mut self, read: impl Fn(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        let mut items = vec![read(self)?];
        while self.symbol(",") {
            items.push(read(self)?);
        }
        Ok(items)
    }

    /// A list between parentheses.
    pub(super) fn enclosed<T>(&mut self, read: impl Fn(&mut Self) -> Read<T>) -> Read<Vec<T>> {
        self.expect_symbol("(")?;
        let items = self.list(read)?;
        self.expect_symbol(")")?;
        Ok(items)
    }

    /// A quoted text.
    pub(super) fn text(&mut self) -> Read<String> {
        match self.parser.peek_token().token {
            Token::SingleQuotedString(text) | Token::EscapedStringLiteral(text) => {
                self.parser.next_token();
                Ok(text)
            }
            _ => self.unexpected("a quoted text"),
        }
    }

    /// Something the library reads.
    pub(super) fn library<T>(&mut self, read: impl Fn(&mut Parser<'_>) -> Result<T, ParserError>) -> Read<T> {
        let at = self.position();
        read(&mut self.parser).map_err(|error| refusal(&error, at))
    }

    /// A semicolon or the end.
    pub(super) fn end_of_statement(&mut self) -> Read<()> {
        if self.is_at_end() || self.symbol(";") { Ok(()) } else { self.unexpected("the end of the statement") }
    }

    pub(super) fn skip_statement(&mut self) {
        while !self.is_at_end() && !self.symbol(";") {
            self.parser.next_token();
        }
    }
}

/// Where an expression becomes deeper than the library, and what works on its result, can follow.
fn too_deep(tokens: &[TokenWithSpan]) -> Option<Position> {
    let (mut depth, mut operators) = (0_usize, 0_usize);
    for TokenWithSpan { token, span } in tokens {
        match token {
            Token::Whitespace(_) => {}
            Token::SemiColon => (depth, operators) = (0, 0),
            Token::Comma if depth <= 1 => operators = 0,
            Token::LParen => depth += 1,
            Token::RParen => depth = depth.saturating_sub(1),
            Token::Word(word) => match word.keyword {
                Keyword::CASE => depth += 1,
                Keyword::END => depth = depth.saturating_sub(1),
                Keyword::NOT | Keyword::AND | Keyword::OR | Keyword::IS | Keyword::WHEN => operators += 1,
                _ => {}
            },
            Token::Number(..) | Token::SingleQuotedString(_) | Token::EscapedStringLiteral(_) | Token::Period => {}
            _ => operators += 1,
        }
        if depth > DEPTH || operators > OPERATORS {
            return Some(position(span.start));
        }
    }
    None
}

pub(super) fn folded(name: &str, quote: Option<char>) -> String {
    if quote.is_some() { name.to_owned() } else { name.to_lowercase() }
}

/// Words that are no names in PostgreSQL unless they are quoted, among those this grammar could meet.
fn is_reserved(keyword: Keyword) -> bool {
    use Keyword::{
        ALL, AND, AS, ASC, CASE, CAST, CHECK, COLUMN, CONSTRAINT, CREATE, DEFAULT, DESC, DISTINCT, ELSE, END, FALSE,
        FOREIGN, FROM, GRANT, GROUP, HAVING, IN, INTO, LIMIT, NOT, NULL, OFFSET, ON, ONLY, OR, ORDER, PRIMARY,
        REFERENCES, RETURNING, SELECT, SOME, TABLE, THEN, TO, TRUE, UNION, UNIQUE, USER, USING, WHEN, WHERE, WINDOW,
        WITH,
    };
    const RESERVED: [Keyword; 50] = [
        ALL,
        AND,
        AS,
        ASC,
        CASE,
        CAST,
        CHECK,
        COLUMN,
        CONSTRAINT,
        CREATE,
        DEFAULT,
        DESC,
        DISTINCT,
        ELSE,
        END,
        FALSE,
        FOREIGN,
        FROM,
        GRANT,
        GROUP,
        HAVING,
        IN,
        INTO,
        LIMIT,
        NOT,
        NULL,
        OFFSET,
        ON,
        ONLY,
        OR,
        ORDER,
        PRIMARY,
        REFERENCES,
        RETURNING,
        SELECT,
        SOME,
        TABLE,
        THEN,
        TO,
        TRUE,
        UNION,
        UNIQUE,
        USER,
        USING,
        WHEN,
        WHERE,
        WINDOW,
        WITH,
        Keyword::BOTH,
        Keyword::DO,
    ];
    RESERVED.contains(&keyword)
}

/// Behind the last character that is not blank.
fn end_of(text: &str) -> Position {
    let text = text.trim_end();
    let last = text.rsplit('\n').next().unwrap_or_default();
    Position { line: text.matches('\n').count() + 1, column: last.chars().count() + 1 }
}

pub(super) fn position(at: Location) -> Position {
    let number = |n: u64| usize::try_from(n).unwrap_or(usize::MAX).max(1);
    Position { line: number(at.line), column: number(at.column) }
}

/// The library puts the place at the end of its message.
fn refusal(error: &ParserError, at: Position) -> Refusal {
    let said = match error {
        ParserError::TokenizerError(said) | ParserError::ParserError(said) => said.clone(),
        ParserError::RecursionLimitExceeded => format!("an expression nested more than {DEPTH} deep"),
    };
    let (found, place) = said.split_once(" at Line: ").map_or((said.as_str(), None), |(f, p)| (f, Some(p)));
    let written = place.and_then(|place| place.split_once(", Column: ")).and_then(|(line, column)| {
        let place = Position { line: line.trim().parse().ok()?, column: column.trim().parse().ok()? };
        // The end of the text is nowhere, to the library.
        (place.line > 0).then_some(place)
    });
    Refusal::new(written.unwrap_or(at), found, "write it as PostgreSQL's manual has it")
}
