//! One declaration for each mapping of the language: the raw struct, its reader and its schema.
//!
//! Three macros, used inside this crate only:
//!
//! - `record!` declares a mapping with known keys;
//! - `choice!` declares a mapping that is one of several records, told apart by which record's
//!   *first* key is there: `{call: ledger.post, timeout: 500ms}` is a call because it says `call`;
//! - `keyword!` declares a word out of a fixed set.
//!
//! ```text
//! record! {
//!     /// A call to an endpoint of another service.
//!     pub struct RawCall as "a call" {
//!         /// The endpoint, as `service.endpoint`.
//!         call: Text,
//!         /// How long to wait for the answer.
//!         timeout: Option<Spanned<Span>>,
//!         /// What kind of call it is; `type` is a Rust keyword, so the key is given.
//!         kind = "type": Option<CallKind>,
//!     }
//! }
//! choice! {
//!     /// A step of an endpoint.
//!     pub enum RawStep as "a step" { Work(RawWork), Call(RawCall) }
//! }
//! keyword! {
//!     /// What kind of call it is.
//!     pub enum CallKind as "a kind of call" {
//!         /// The caller waits.
//!         Sync = "sync",
//!         /// The caller goes on.
//!         FireAndForget = "fire_and_forget",
//!     }
//! }
//! ```
//!
//! The words after `as` name the thing in messages ("unknown key `tiemout` in a call"). Doc
//! comments become the descriptions an editor shows. Whether a key is required follows from its
//! type: see [`super::Shape::absent`].
//!
//! The macros hold no logic: they list keys and types, and call the modules `record` and
//! `choice`.

/// Declares a mapping with known keys; see the module.
#[allow(unused_macros, reason = "used where the language is declared")]
macro_rules! record {
    (
        $(#[doc = $doc:literal])*
        $vis:vis struct $name:ident as $called:literal {
            $( $(#[doc = $field_doc:literal])* $field:ident $(= $key:literal)? : $kind:ty ),* $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        $vis struct $name {
            $( $(#[doc = $field_doc])* pub $field: $kind, )*
        }

        impl $crate::syntax::Record for $name {
            const CALLED: &'static str = $called;
            const KEYS: &'static [&'static str] =
                &[$( $crate::syntax::record!(@key $field $($key)?) ),*];
        }

        impl $crate::syntax::Shape for $name {
            fn read(
                node: &$crate::syntax::Node,
                out: &mut $crate::syntax::Diagnostics,
            ) -> Option<Self> {
                use $crate::syntax::Record as _;
                let mut fields = $crate::syntax::Fields::open(node, Self::CALLED, out)?;
                // Every key is read before any failure counts, so that all are reported.
                $( let $field = fields.take($crate::syntax::record!(@key $field $($key)?), out); )*
                fields.close(Self::KEYS, out);
                Some($name { $( $field: $field? ),* })
            }

            fn stand_in(span: $crate::syntax::SourceSpan) -> Option<Self> {
                Some($name { $( $field: $crate::syntax::Shape::stand_in(span)? ),* })
            }

            fn schema(defs: &mut $crate::syntax::Defs) -> ::serde_json::Value {
                defs.refer::<Self>($crate::syntax::schema_name(stringify!($name)), |defs| {
                    $crate::syntax::RecordSchema::default()
                        $( .key::<$kind>(
                            $crate::syntax::record!(@key $field $($key)?),
                            &[$($field_doc),*],
                            defs,
                        ) )*
                        .finish(&[$($doc),*])
                })
            }
        }
    };
    (@key $field:ident) => { stringify!($field) };
    (@key $field:ident $key:literal) => { $key };
}

/// Declares a mapping that is one of several records; see the module.
#[allow(unused_macros, reason = "used where the language is declared")]
macro_rules! choice {
    (
        $(#[doc = $doc:literal])*
        $vis:vis enum $name:ident as $called:literal {
            $( $(#[doc = $variant_doc:literal])* $variant:ident($record:ty) ),+ $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Debug, PartialEq, Eq)]
        // What was typed lives for one compilation: its size does not matter.
        #[allow(clippy::large_enum_variant)]
        $vis enum $name {
            $( $(#[doc = $variant_doc])* $variant($record), )+
        }

        impl $crate::syntax::Shape for $name {
            fn read(
                node: &$crate::syntax::Node,
                out: &mut $crate::syntax::Diagnostics,
            ) -> Option<Self> {
                let variants = &[$( <$record as $crate::syntax::Record>::KEYS ),+];
                let readers: &[fn(&_, &mut _) -> Option<Self>] = &[$(
                    |node, out| {
                        <$record as $crate::syntax::Shape>::read(node, out).map($name::$variant)
                    }
                ),+];
                let chosen = $crate::syntax::choose(node, $called, variants, out)?;
                readers[chosen](node, out)
            }

            fn schema(defs: &mut $crate::syntax::Defs) -> ::serde_json::Value {
                defs.refer::<Self>($crate::syntax::schema_name(stringify!($name)), |defs| {
                    let variants = vec![$( <$record as $crate::syntax::Shape>::schema(defs) ),+];
                    $crate::syntax::choice_schema(&[$($doc),*], variants)
                })
            }
        }
    };
}

/// Declares a word out of a fixed set; see the module.
#[allow(unused_macros, reason = "used where the language is declared")]
macro_rules! keyword {
    (
        $(#[doc = $doc:literal])*
        $vis:vis enum $name:ident as $called:literal {
            $( $(#[doc = $word_doc:literal])* $variant:ident = $word:literal ),+ $(,)?
        }
    ) => {
        $(#[doc = $doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        $vis enum $name {
            $( $(#[doc = $word_doc])* $variant, )+
        }

        impl $name {
            /// Every one, in the order of declaration.
            $vis const ALL: &'static [Self] = &[$( $name::$variant ),+];

            /// The word as it stands in a file.
            #[must_use]
            $vis const fn word(self) -> &'static str {
                match self { $( $name::$variant => $word ),+ }
            }
        }

        impl $crate::syntax::Shape for $name {
            fn read(
                node: &$crate::syntax::Node,
                out: &mut $crate::syntax::Diagnostics,
            ) -> Option<Self> {
                let words = &[$( $word ),+];
                let found = $crate::syntax::read_keyword(node, $called, words, out);
                if found.is_none() {
                    // Somebody said which, so nobody may say that it is missing.
                    out.mark_unread(node.span);
                }
                Some(Self::ALL[found.unwrap_or(0)])
            }

            fn stand_in(_span: $crate::syntax::SourceSpan) -> Option<Self> {
                Some(Self::ALL[0])
            }

            fn schema(defs: &mut $crate::syntax::Defs) -> ::serde_json::Value {
                defs.refer::<Self>($crate::syntax::schema_name(stringify!($name)), |_| {
                    $crate::syntax::keyword_schema(
                        &[$($doc),*],
                        &[$( ($word, &[$($word_doc),*]) ),+],
                    )
                })
            }
        }
    };
}

#[allow(unused_imports, reason = "used where the language is declared")]
pub(crate) use {choice, keyword, record};
