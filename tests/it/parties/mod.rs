//! Real relying parties, unmodified: what they ask for by the book they get by the book.

mod apache;
