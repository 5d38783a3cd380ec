//! Record formats, kinds and the operations on them.
