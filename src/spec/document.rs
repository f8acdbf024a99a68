//! A TOML file with the place of every key and value.

use std::net::Ipv4Addr;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value and where it is written; `None` for a default.
#[derive(Debug, Clone)]
pub(super) struct At<T> {
    pub value: T,
    pub at: Option<Range<usize>>,
}

impl<T> At<T> {
    /// A value that is not written anywhere.
    pub const fn default_of(value: T) -> Self {
        Self { value, at: None }
    }

    /// The same place with another value.
    pub fn with<U>(&self, value: U) -> At<U> {
        At {
            value,
            at: self.at.clone(),
        }
    }

    /// Where it is written, or else `other`.
    pub fn place_or(&self, other: &Range<usize>) -> Range<usize> {
        self.at.clone().unwrap_or_else(|| other.clone())
    }
}

/// A table of the file; absent ones are empty.
#[derive(Debug, Clone)]
pub(super) struct Section<'a> {
    /// Its header, or the beginning of the file for an absent table.
    pub header: Range<usize>,
    table: Option<&'a DeTable<'a>>,
}

impl<'a> Section<'a> {
    /// The table in `value`, or an empty one where it is none.
    pub fn of(value: &'a Spanned<DeValue<'a>>) -> Self {
        Self {
            header: value.span(),
            table: value.get_ref().as_table(),
        }
    }

    /// The table `name` of the file.
    pub fn named(root: &'a DeTable<'a>, name: &str) -> Self {
        root.get(name).map_or(
            Self {
                header: 0..0,
                table: None,
            },
            Self::of,
        )
    }

    /// Every table of the list `name`.
    pub fn all_named(root: &'a DeTable<'a>, name: &str) -> Vec<Self> {
        let list = root.get(name).and_then(|value| value.get_ref().as_array());
        list.into_iter()
            .flat_map(|list| list.iter())
            .map(Self::of)
            .collect()
    }

    /// The value of a key, whatever its type.
    pub fn value(&self, key: &str) -> Option<&'a Spanned<DeValue<'a>>> {
        self.table.and_then(|table| table.get(key))
    }

    /// The names of all keys, known and unknown.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        let keys = self.table.into_iter().flat_map(|table| table.keys());
        keys.map(|key| key.get_ref().as_ref())
    }

    /// Whether the key is there, right or wrong.
    pub fn has(&self, key: &str) -> bool {
        self.value(key).is_some()
    }

    /// A string; `None` for an absent key and for another type, which [`shape`](super::shape) reports.
    pub fn text(&self, key: &str) -> Option<At<&'a str>> {
        self.value(key).and_then(text)
    }

    /// `true` or `false`, likewise.
    pub fn flag(&self, key: &str) -> Option<bool> {
        self.value(key)?.get_ref().as_bool()
    }

    /// A whole number, likewise.
    pub fn whole(&self, key: &str) -> Option<At<i64>> {
        let value = self.value(key)?;
        Some(At {
            value: whole(value.get_ref())?,
            at: Some(value.span()),
        })
    }

    /// The strings of a list, likewise.
    pub fn texts(&self, key: &str) -> Vec<At<&'a str>> {
        let list = self.value(key).and_then(|value| value.get_ref().as_array());
        list.into_iter()
            .flat_map(|list| list.iter())
            .filter_map(text)
            .collect()
    }

    /// An IPv4 address: the text where it is none.
    pub fn address(&self, key: &str) -> Option<Result<At<Ipv4Addr>, At<&'a str>>> {
        let text = self.text(key)?;
        Some(match text.value.parse() {
            Ok(address) => Ok(text.with(address)),
            Err(_) => Err(text),
        })
    }
}

fn text<'a>(value: &'a Spanned<DeValue<'a>>) -> Option<At<&'a str>> {
    Some(At {
        value: value.get_ref().as_str()?,
        at: Some(value.span()),
    })
}

/// The number of a TOML integer that fits into 64 bits.
pub(super) fn whole(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}
