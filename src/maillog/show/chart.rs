//! The queue over time as rows of bars.

use super::minute;
use crate::maillog::{Queue, Step};

/// Bars over time, one row for each count, all over the same time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chart {
    /// From when on, and how long a column is.
    pub title: String,
    pub rows: Vec<ChartRow>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChartRow {
    pub name: &'static str,
    /// One character a column.
    pub bars: String,
    /// What the highest bar stands for.
    pub most: u64,
}

impl Queue {
    /// The chart in at most `columns` columns; none while there is but one step to show.
    pub fn chart(&self, columns: usize) -> Option<Chart> {
        if self.steps.len() < 2 {
            return None;
        }
        // Two columns become one until they fit.
        let mut merged: usize = 1;
        while self.steps.len().div_ceil(merged) > columns.max(1) {
            merged *= 2;
        }
        let sum = |of: fn(&Step) -> u64| -> Vec<u64> {
            self.steps
                .chunks(merged)
                .map(|steps| steps.iter().map(of).sum())
                .collect()
        };
        // What is inside at the end of a column.
        let size = self.size.chunks(merged);
        let size = size.filter_map(|sizes| sizes.last().copied()).collect();
        let seconds = self
            .step_seconds
            .saturating_mul(i64::try_from(merged).unwrap_or(i64::MAX));
        let begins = minute(Some(&self.begins));
        Some(Chart {
            title: format!(
                "Over time from {begins}, one column is {}",
                duration(seconds)
            ),
            rows: [
                ("in queue", size),
                ("put off", sum(|step| step.deferred)),
                ("failed", sum(|step| step.bounced + step.expired)),
            ]
            .into_iter()
            .map(|(name, values)| ChartRow {
                name,
                bars: bars(&values),
                most: values.iter().copied().max().unwrap_or_default(),
            })
            .collect(),
        })
    }
}

fn duration(seconds: i64) -> String {
    match seconds {
        seconds if seconds % 86_400 == 0 => format!("{} d", seconds / 86_400),
        seconds if seconds >= 7200 => {
            format!("{} h {} min", seconds / 3600, seconds % 3600 / 60)
        }
        seconds => format!("{} min", seconds / 60),
    }
}

/// One column a value, as high as it is against the highest.
fn bars(values: &[u64]) -> String {
    const HEIGHTS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
    let most = values.iter().copied().max().unwrap_or_default().max(1);
    let bar = |value: &u64| {
        if *value == 0 {
            return ' ';
        }
        let height = u128::from(*value) * 7 / u128::from(most);
        usize::try_from(height)
            .ok()
            .and_then(|height| HEIGHTS.get(height).copied())
            .unwrap_or('█')
    };
    values.iter().map(bar).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_are_as_high_as_their_values() {
        assert_eq!(bars(&[0, 1, 50, 100]), " ▁▄█");
    }

    #[test]
    fn where_there_is_little_room_a_column_stands_for_more_time() {
        let step = |bounced| Step {
            bounced,
            ..Step::default()
        };
        let queue = Queue {
            begins: "2025-03-03T00:00:00Z".to_owned(),
            step_seconds: 60,
            steps: vec![step(1), step(2), step(0), step(0), step(5)],
            size: vec![4, 3, 2, 1, 7],
        };
        let wide = queue.chart(5).unwrap();
        assert!(
            wide.title.ends_with("one column is 1 min"),
            "{}",
            wide.title
        );
        let failed = |chart: &Chart| (chart.rows[2].bars.chars().count(), chart.rows[2].most);
        assert_eq!(failed(&wide), (5, 5));
        let narrow = queue.chart(4).unwrap();
        assert!(narrow.title.ends_with("one column is 2 min"));
        assert_eq!(failed(&narrow), (3, 5));
        assert_eq!(
            (narrow.rows[0].bars.as_str(), narrow.rows[0].most),
            ("▄▂█", 7)
        );
        assert_eq!(queue.chart(0).unwrap().rows[0].bars.chars().count(), 1);
    }
}
