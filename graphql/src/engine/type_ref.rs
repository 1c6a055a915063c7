//! A type as a place refers to it, with its lists and nulls: `[User!]!`, as text in the registry or as syntax in a document.

use std::fmt;

use async_graphql::parser::types::{BaseType, Type};

/// Looked at layer by layer, without a copy.
#[derive(Clone, Copy)]
pub enum TypeRef<'a> {
    Text(&'a str),
    Syntax(&'a Type),
    /// The same without its own exclamation mark.
    Bare(&'a Type),
}

/// The outermost layer of a type.
pub enum Layer<'a> {
    NonNull(TypeRef<'a>),
    List(TypeRef<'a>),
    Named(&'a str),
}

impl<'a> TypeRef<'a> {
    pub fn layer(self) -> Layer<'a> {
        match self {
            Self::Text(text) => {
                if let Some(inner) = text.strip_suffix('!') {
                    Layer::NonNull(Self::Text(inner))
                } else if let Some(inner) = text.strip_prefix('[') {
                    Layer::List(Self::Text(inner.strip_suffix(']').unwrap_or(inner)))
                } else {
                    Layer::Named(text)
                }
            }
            Self::Syntax(of) if !of.nullable => Layer::NonNull(Self::Bare(of)),
            Self::Syntax(of) | Self::Bare(of) => match &of.base {
                BaseType::List(item) => Layer::List(Self::Syntax(item)),
                BaseType::Named(name) => Layer::Named(name.as_str()),
            },
        }
    }

    pub fn is_non_null(self) -> bool {
        matches!(self.layer(), Layer::NonNull(_))
    }

    /// Without its own exclamation mark.
    pub fn nullable(self) -> Self {
        match self.layer() {
            Layer::NonNull(inner) => inner,
            Layer::List(_) | Layer::Named(_) => self,
        }
    }

    /// The name at the bottom of lists and nulls.
    pub fn name(self) -> &'a str {
        match self.layer() {
            Layer::NonNull(inner) | Layer::List(inner) => inner.name(),
            Layer::Named(name) => name,
        }
    }

    /// Whether every value of this type is one of the other: the same but for nulls that cannot occur (specification, section 5.8.5).
    pub fn fits(self, other: Self) -> bool {
        match (self.layer(), other.layer()) {
            (Layer::NonNull(one), Layer::NonNull(another)) | (Layer::List(one), Layer::List(another)) => {
                one.fits(another)
            }
            (Layer::NonNull(one), _) => one.fits(other),
            (Layer::Named(one), Layer::Named(another)) => one == another,
            _ => false,
        }
    }
}

impl fmt::Display for TypeRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.layer() {
            Layer::NonNull(inner) => write!(f, "{inner}!"),
            Layer::List(item) => write!(f, "[{item}]"),
            Layer::Named(name) => f.write_str(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::TypeRef;

    #[test]
    fn a_type_fits_where_fewer_nulls_may_stand_than_it_has_and_nowhere_else() {
        let fits = |one, another| TypeRef::Text(one).fits(TypeRef::Text(another));
        for (one, another) in [
            ("Int", "Int"),
            ("Int!", "Int"),
            ("[Int!]!", "[Int]"),
            ("[[Int]!]", "[[Int]]"),
        ] {
            assert!(fits(one, another), "{one} in {another}");
        }
        for (one, another) in [
            ("Int", "Int!"),
            ("Int", "[Int]"),
            ("[Int]", "Int"),
            ("[Int]!", "[Int!]"),
            ("Int", "ID"),
        ] {
            assert!(!fits(one, another), "{one} in {another}");
        }
    }

    #[test]
    fn syntax_and_text_are_read_alike() {
        let text = "[[Color!]]!";
        let syntax = async_graphql::parser::types::Type::new(text).unwrap();
        let syntax = TypeRef::Syntax(&syntax);
        assert_eq!(syntax.to_string(), text);
        assert!(syntax.fits(TypeRef::Text(text)) && TypeRef::Text(text).fits(syntax));
        assert_eq!(
            (syntax.name(), syntax.nullable().to_string().as_str()),
            ("Color", "[[Color!]]")
        );
    }
}
