//! Who is too young to decide alone (PDPA s.20).

use crate::thai::BuddhistDate;

/// How far a person may decide for themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Minority {
    /// Not older than ten years: whoever has parental power decides.
    Child,
    /// Under twenty: they decide with whoever has parental power.
    Minor,
    /// Twenty or older. Who is married earlier is of age as well, which no birth date tells: they tick the same box.
    Adult,
}

const CHILD_UNTIL: u16 = 10;
const OF_AGE: u16 = 20;

/// Judges by the birth date. Where day or month is unknown, the person is as young as the date can mean.
pub fn minority(birth: &BuddhistDate, today: BuddhistDate) -> Minority {
    let years =
        birth.full_years_at(today).unwrap_or_else(|| today.year().saturating_sub(birth.year()).saturating_sub(1));
    if years < CHILD_UNTIL {
        Minority::Child
    } else if years < OF_AGE {
        Minority::Minor
    } else {
        Minority::Adult
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(born: &str, today: &str, expected: Minority) {
        let date = |form: &str| BuddhistDate::from_registry_form(form).unwrap();
        assert_eq!(minority(&date(born), date(today)), expected, "{born} on {today}");
    }

    #[test]
    fn ten_and_twenty_years_are_complete_on_the_birthday() {
        check("25591103", "25691102", Minority::Child);
        check("25591102", "25691102", Minority::Minor);
        check("25491103", "25691102", Minority::Minor);
        check("25491102", "25691102", Minority::Adult);
        check("25330520", "25691102", Minority::Adult);
    }

    #[test]
    fn an_incomplete_date_counts_as_the_youngest_it_can_mean() {
        check("25490000", "25691102", Minority::Minor);
        check("25480000", "25691102", Minority::Adult);
        check("25590000", "25691102", Minority::Child);
        check("25580000", "25691102", Minority::Minor);
        check("25700000", "25691102", Minority::Child);
    }
}
