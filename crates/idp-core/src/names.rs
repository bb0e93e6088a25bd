//! Sets of names of a fixed vocabulary, such as scopes and claims: one word of memory, written as a list between spaces.

use std::fmt;
use std::marker::PhantomData;

use serde::{Deserialize, Serialize};

/// A vocabulary of at most 64 names.
pub trait Name: Copy + PartialEq + 'static {
    /// Every name, in the order in which people read them.
    const EVERY: &'static [Self];

    /// The name as it travels.
    fn as_str(self) -> &'static str;

    /// Its place in [`Name::EVERY`].
    fn place(self) -> u32;
}

/// A set of names.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct NameSet<N>(u64, PhantomData<N>);

impl<N> NameSet<N> {
    /// No name at all.
    pub const NONE: Self = Self(0, PhantomData);

    const fn of_bits(bits: u64) -> Self {
        Self(bits, PhantomData)
    }

    /// Whether every name of `other` is in it.
    pub fn covers(self, other: Self) -> bool {
        other.0 & !self.0 == 0
    }

    /// The names in both.
    #[must_use]
    pub fn intersect(self, other: Self) -> Self {
        Self::of_bits(self.0 & other.0)
    }

    /// The names in either.
    #[must_use]
    pub fn union(self, other: Self) -> Self {
        Self::of_bits(self.0 | other.0)
    }

    /// The names not in `other`.
    #[must_use]
    pub fn without(self, other: Self) -> Self {
        Self::of_bits(self.0 & !other.0)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0 == 0
    }
}

impl<N: Name> NameSet<N> {
    /// Reads a list with single spaces between; names that are not known are left out.
    pub fn parse(list: &str) -> Self {
        list.split(' ').filter_map(|text| N::EVERY.iter().copied().find(|name| name.as_str() == text)).collect()
    }

    /// Whether `name` is in it.
    pub fn contains(self, name: N) -> bool {
        self.0 & 1_u64 << name.place() != 0
    }

    /// The names in reading order.
    pub fn iter(self) -> impl Iterator<Item = N> {
        N::EVERY.iter().copied().filter(move |name| self.contains(*name))
    }
}

impl<N> Default for NameSet<N> {
    fn default() -> Self {
        Self::NONE
    }
}

impl<N: Name> FromIterator<N> for NameSet<N> {
    fn from_iter<I: IntoIterator<Item = N>>(names: I) -> Self {
        Self::of_bits(names.into_iter().fold(0, |set, name| set | 1_u64 << name.place()))
    }
}

impl<N: Name> fmt::Display for NameSet<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, name) in self.iter().enumerate() {
            if index > 0 {
                f.write_str(" ")?;
            }
            f.write_str(name.as_str())?;
        }
        Ok(())
    }
}

impl<N: Name> fmt::Debug for NameSet<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{self}]")
    }
}

impl<N: Name> Serialize for NameSet<N> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de, N: Name> Deserialize<'de> for NameSet<N> {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::parse(&String::deserialize(deserializer)?))
    }
}
