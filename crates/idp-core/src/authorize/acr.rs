//! Which authentication context the client wants (OpenID Connect Core §3.1.2.1, §5.5.1.1).

use crate::session::Acr;

/// What is wanted of `acr`. Values that are not known here are left out of the lists.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AcrWish {
    /// `acr_values`, or `acr` in `claims` without `essential`: as well as can be.
    Voluntary(Vec<Acr>),
    /// `acr` in `claims`, essential and with values: one of these, or an error.
    Essential(Vec<Acr>),
}

impl AcrWish {
    /// The values of `acr_values`, in the client's order.
    pub fn from_list(list: &str) -> Self {
        Self::Voluntary(list.split(' ').filter_map(Acr::parse).collect())
    }

    /// The least that is enough; `None` when anything is.
    pub fn least(&self) -> Option<Option<Acr>> {
        match self {
            Self::Voluntary(_) => None,
            Self::Essential(levels) => Some(levels.iter().min().copied()),
        }
    }

    /// What is wished for most (OpenID Connect Core §3.1.2.1: the values stand in the order of preference).
    pub fn favourite(&self) -> Option<Acr> {
        let (Self::Voluntary(levels) | Self::Essential(levels)) = self;
        levels.first().copied()
    }

    /// What is told of a session that reached `reached`: one of the wanted levels where that is true, since a higher
    /// one holds the lower ones, and else what it is.
    pub fn told(&self, reached: Acr) -> Acr {
        let (Self::Voluntary(levels) | Self::Essential(levels)) = self;
        levels.iter().filter(|level| **level <= reached).max().copied().unwrap_or(reached)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_higher_level_holds_the_lower_ones_and_never_the_other_way_round() {
        let wish = AcrWish::from_list(&format!("x {} ", Acr::Aal1.as_str()));
        assert_eq!(wish, AcrWish::Voluntary(vec![Acr::Aal1]));
        assert_eq!(wish.told(Acr::Aal2), Acr::Aal1);
        let both = AcrWish::Essential(vec![Acr::Aal2, Acr::Aal1]);
        assert_eq!((both.told(Acr::Aal1), both.told(Acr::Aal2)), (Acr::Aal1, Acr::Aal2));
        assert_eq!(AcrWish::Voluntary(vec![Acr::Aal2]).told(Acr::Aal1), Acr::Aal1);
        assert_eq!(both.least(), Some(Some(Acr::Aal1)));
        assert_eq!(AcrWish::Essential(Vec::new()).least(), Some(None));
        assert_eq!(wish.least(), None);
    }
}
