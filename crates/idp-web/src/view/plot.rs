//! Plots as drawings in the page: bars that stand on each other, or lines. Geometry is made here, the template writes it as
//! SVG with classes alone (no style of its own), and every plot has its numbers in a table beside it.

use std::fmt::Write as _;

use super::{Lang, Text, text};

/// The drawing's size, in units of its own.
pub const WIDTH: f64 = 420.0;
/// The drawing's height.
pub const HEIGHT: f64 = 200.0;
const LEFT: f64 = 46.0;
const RIGHT: f64 = 412.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 166.0;
/// Labels below the axis at most.
const LABELS: usize = 7;

/// How the numbers are drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    /// Bars that stand on each other: they add up.
    Bars,
    /// Lines: they do not.
    Lines,
}

/// Numbers of one kind, one for each place on the axis; `None` where nothing is known.
#[derive(Clone, Debug)]
pub struct Kind {
    /// What they are.
    pub name: Text,
    /// The numbers.
    pub values: Vec<Option<u64>>,
    /// How it is painted: 1 to 6, each another colour and another dash.
    pub paint: u8,
}

/// A plot, ready to be drawn.
#[derive(Clone, Debug)]
pub struct Plot {
    /// The name of the drawing in the page.
    pub id: &'static str,
    /// What it shows.
    pub title: Text,
    /// The same in a sentence: how much in all, and where the most was.
    pub about: Text,
    /// Whether there is nothing to show.
    pub empty: bool,
    /// What stands below the axis: where, and what.
    pub marks: Vec<(String, String)>,
    /// The lines across: how high, and how much that is.
    pub grid: Vec<(String, String)>,
    /// Each kind, drawn.
    pub drawn: Vec<Drawn>,
    /// The table: a place on the axis, and a number of each kind.
    pub rows: Vec<(String, Vec<String>)>,
}

/// One kind, drawn.
#[derive(Clone, Debug)]
pub struct Drawn {
    /// What it is.
    pub name: Text,
    /// How it is painted.
    pub paint: u8,
    /// The path of its bars or its line.
    pub path: String,
    /// Whether it is a line.
    pub line: bool,
}

impl Plot {
    /// Draws numbers over an axis with these places.
    pub fn of(id: &'static str, title: &'static str, shape: Shape, axis: &[String], kinds: &[Kind]) -> Self {
        let top = scale(highest(shape, axis.len(), kinds));
        let step = (RIGHT - LEFT) / axis.len().max(1) as f64;
        let every = axis.len().div_ceil(LABELS).max(1);
        // Counted from the right, so that today has its label.
        let marked = |place: usize| (axis.len() - 1 - place).is_multiple_of(every);
        let center = |place: usize| LEFT + step * (place as f64 + 0.5);
        let marks = axis.iter().enumerate().filter(|(place, _)| marked(*place));
        let mut floor = vec![0_u64; axis.len()];
        let drawn = kinds
            .iter()
            .map(|kind| Drawn {
                name: kind.name.clone(),
                paint: kind.paint,
                line: shape == Shape::Lines,
                path: match shape {
                    Shape::Bars => bars(&kind.values, &mut floor, top, step),
                    Shape::Lines => line(&kind.values, top, center),
                },
            })
            .collect();
        let sum: u64 = kinds.iter().flat_map(|kind| kind.values.iter().flatten()).sum();
        let most = (0..axis.len())
            .map(|place| (at(kinds, place), place))
            .max_by_key(|(sum, place)| (*sum, usize::MAX - place));
        let (most, place) = most.unwrap_or_default();
        let about = if sum == 0 {
            Text::key("dash-nothing")
        } else {
            Text::key(if shape == Shape::Bars { "dash-about-bars" } else { "dash-about-lines" })
                .with("n", grouped(sum))
                .with("most", grouped(if shape == Shape::Bars { most } else { highest(shape, axis.len(), kinds) }))
                .with("when", axis.get(place).map_or("", String::as_str))
        };
        Self {
            id,
            title: Text::key(title),
            about,
            empty: sum == 0,
            marks: marks.map(|(place, label)| (short(center(place)), label.clone())).collect(),
            grid: (0..=4).map(|part| (short(height(top * part / 4, top)), grouped(top * part / 4))).collect(),
            drawn,
            rows: axis
                .iter()
                .enumerate()
                .map(|(place, label)| {
                    let cell = |kind: &Kind| kind.values.get(place).copied().flatten().map_or("–".to_owned(), grouped);
                    (label.clone(), kinds.iter().map(cell).collect())
                })
                .collect(),
        }
    }

    /// Its name for the table, in the reader's language.
    pub fn plain_title(&self, lang: Lang) -> String {
        text::format(lang, &self.title)
    }
}

/// 1234567 as people read it: 1,234,567.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let mut out = String::with_capacity(digits.len() + digits.len() / 3);
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

fn at(kinds: &[Kind], place: usize) -> u64 {
    kinds.iter().filter_map(|kind| kind.values.get(place).copied().flatten()).sum()
}

fn highest(shape: Shape, places: usize, kinds: &[Kind]) -> u64 {
    match shape {
        Shape::Bars => (0..places).map(|place| at(kinds, place)).max(),
        Shape::Lines => kinds.iter().flat_map(|kind| kind.values.iter().flatten().copied()).max(),
    }
    .unwrap_or(0)
}

/// The least round number from `most` on that four lines divide into whole numbers.
fn scale(most: u64) -> u64 {
    let mut unit = 1_u64;
    loop {
        for step in [1, 2, 3, 5] {
            let top = unit.saturating_mul(step * 4);
            if top >= most {
                return top;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

fn height(value: u64, top: u64) -> f64 {
    BOTTOM - (BOTTOM - TOP) * (value as f64 / top.max(1) as f64)
}

fn bars(values: &[Option<u64>], floor: &mut [u64], top: u64, step: f64) -> String {
    let mut path = String::new();
    let (gap, wide) = (step * 0.18, step * 0.64);
    for (place, value) in values.iter().enumerate() {
        let (Some(value), Some(below)) = (value.filter(|value| *value > 0), floor.get_mut(place)) else { continue };
        let (low, high) = (height(*below, top), height(*below + value, top));
        let left = LEFT + step * place as f64 + gap;
        let _ = write!(path, "M{} {}h{}V{}h-{}z", short(left), short(low), short(wide), short(high), short(wide));
        *below += value;
    }
    path
}

fn line(values: &[Option<u64>], top: u64, center: impl Fn(usize) -> f64) -> String {
    let mut path = String::new();
    let mut drawing = false;
    for (place, value) in values.iter().enumerate() {
        let Some(value) = value else {
            drawing = false;
            continue;
        };
        let (x, y) = (short(center(place)), short(height(*value, top)));
        let _ = write!(path, "{}{x} {y}", if drawing { "L" } else { "M" });
        // A point with nothing beside it is a short dash: a dot of the line's own width would be lost on a telephone.
        if !drawing && values.get(place + 1).copied().flatten().is_none() {
            path.push_str("m-4 0h8m-4 0");
        }
        drawing = true;
    }
    path
}

/// A number with one digit after the point at most.
fn short(number: f64) -> String {
    let text = format!("{number:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(values: &[Option<u64>]) -> Kind {
        Kind { name: Text::key("dash-title"), values: values.to_vec(), paint: 1 }
    }

    #[test]
    fn numbers_are_grouped_and_scales_are_round() {
        for (number, expected) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), expected);
        }
        for (most, top) in [(0, 4), (4, 4), (5, 8), (13, 20), (21, 40), (999, 1_200), (u64::MAX, u64::MAX)] {
            assert_eq!(scale(most), top, "{most}");
        }
    }

    #[test]
    fn bars_stand_on_each_other_and_lines_break_where_nothing_is_known() {
        let axis = ["a", "b"].map(str::to_owned);
        let plot =
            Plot::of("x", "dash-title", Shape::Bars, &axis, &[kind(&[Some(2), None]), kind(&[Some(2), Some(1)])]);
        assert_eq!(plot.drawn[0].path, "M78.9 166h117.1V89h-117.1z");
        assert_eq!(plot.drawn[1].path, "M78.9 89h117.1V12h-117.1zM261.9 166h117.1V127.5h-117.1z");
        assert_eq!(plot.rows[1], ("b".to_owned(), vec!["–".to_owned(), "1".to_owned()]));
        assert!(!plot.empty);
        let plot = Plot::of("x", "dash-title", Shape::Lines, &axis, &[kind(&[None, Some(4)])]);
        assert_eq!(plot.drawn[0].path, "M320.5 12m-4 0h8m-4 0");
        let nothing = Plot::of("x", "dash-title", Shape::Bars, &axis, &[kind(&[None, Some(0)])]);
        assert!(nothing.empty && nothing.drawn[0].path.is_empty());
        assert!(Plot::of("x", "dash-title", Shape::Lines, &[], &[]).empty);
    }
}
