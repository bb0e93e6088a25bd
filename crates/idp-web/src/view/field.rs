//! What is wrong with a form: for each field, what to do about it.

use super::Text;

/// The faults found in a form, in the order of its fields. The names are those of the inputs.
#[derive(Clone, Debug, Default)]
pub struct FieldErrors(Vec<(&'static str, Text)>);

impl FieldErrors {
    /// No faults.
    pub fn none() -> FieldErrors {
        FieldErrors::default()
    }

    /// Adds a fault. The first one of a field is the one shown.
    pub fn add(&mut self, field: &'static str, text: Text) {
        if self.get(field).is_none() {
            self.0.push((field, text));
        }
    }

    /// Whether the form may be acted on.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The fault of a field.
    pub fn get(&self, field: &str) -> Option<&Text> {
        self.0.iter().find(|(name, _)| *name == field).map(|(_, text)| text)
    }

    /// The fault of the first of several inputs that stand together, such as those of a date.
    pub fn first_of(&self, fields: &[&str]) -> Option<&Text> {
        self.0.iter().find(|(name, _)| fields.contains(name)).map(|(_, text)| text)
    }

    /// All faults in order, for the summary at the head of the form.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Text)> {
        self.0.iter().map(|(field, text)| (*field, text))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_fault_of_a_field_is_the_one_shown() {
        let mut errors = FieldErrors::none();
        assert!(errors.is_empty());
        errors.add("birth_year", Text::key("ver-pid-bad"));
        errors.add("birth_year", Text::key("otp-bad"));
        assert_eq!(errors.iter().count(), 1);
        assert_eq!(errors.get("birth_year"), Some(&Text::key("ver-pid-bad")));
        assert_eq!(errors.first_of(&["birth_day", "birth_year"]), Some(&Text::key("ver-pid-bad")));
        assert_eq!(errors.get("birth_day"), None);
    }
}
