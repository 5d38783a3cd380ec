//! Whole rollouts: pods follow sizes, runs come to verdicts, people act, and every pass is looked at.

mod blue_green;
mod canary;
mod laws;
mod world;
