//! Figures in columns: whole numbers with a point in the right place, and nothing measured is rounded
//! to nothing.

/// `numerator / denominator` with so many digits behind the point, rounded half up.
pub fn fixed(numerator: u64, denominator: u64, digits: usize) -> String {
    let scale = 10_u128.pow(u32::try_from(digits).unwrap_or(0));
    let denominator = u128::from(denominator.max(1));
    let scaled = (u128::from(numerator) * scale + denominator / 2) / denominator;
    if digits == 0 {
        return scaled.to_string();
    }
    format!("{}.{:0digits$}", scaled / scale, scaled % scale)
}

/// The rows below their heads, the first column to the left and the others to the right.
pub fn align(heads: &[&str], rows: &[Vec<String>]) -> String {
    let heads: Vec<String> = heads.iter().map(|head| (*head).to_owned()).collect();
    let all = || std::iter::once(&heads).chain(rows);
    let widest = |column: usize| {
        let cells = all().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let line = |row: &Vec<String>| {
        let cells = row.iter().enumerate().map(|(column, cell)| match column {
            0 => format!("{cell:<width$}", width = widest(column)),
            _ => format!("{cell:>width$}", width = widest(column)),
        });
        cells.collect::<Vec<_>>().join("  ").trim_end().to_owned()
    };
    all().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_point_is_in_the_right_place() {
        assert_eq!(fixed(1234, 1000, 2), "1.23");
        assert_eq!(fixed(1235, 1000, 2), "1.24");
        assert_eq!(fixed(5, 1000, 2), "0.01");
        assert_eq!(fixed(17_000_400, 1000, 0), "17000");
        assert_eq!(fixed(3, 0, 1), "3.0");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = [
            vec!["é".to_owned(), "1".to_owned()],
            vec!["bb".to_owned(), "1000".to_owned()],
        ];
        assert_eq!(align(&["", "n"], &rows), "       n\né      1\nbb  1000");
    }
}
