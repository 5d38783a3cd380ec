//! gameday's scenario language: from text to something the rest of the house can trust.
//!
//! Reading goes in steps, each with its own types: text becomes a tree ([`syntax`]), the tree
//! becomes what was typed, and what was typed becomes what it means. No step guesses, and every
//! step reports all it finds, so that a reader mends a file once.

pub mod syntax;
