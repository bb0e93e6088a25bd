//! Every page people see: the language it is in, the words it says, the values it shows.

pub mod lang;
pub mod text;

pub use lang::Lang;
pub use text::Text;
