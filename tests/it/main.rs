//! it

mod architecture;
