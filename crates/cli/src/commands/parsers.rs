//! Parsers of the values of flags. Each error says what is wrong and what is possible: clap's own
//! messages for numbers and addresses say neither.

#[cfg(feature = "sandbox")]
use std::net::IpAddr;
use std::ops::RangeInclusive;

/// Returns a parser of whole numbers in a range.
pub(crate) fn whole<T>(
    range: RangeInclusive<T>,
) -> impl Fn(&str) -> Result<T, String> + Clone + Send + Sync + 'static
where
    T: Copy + Into<i128> + TryFrom<i128> + Send + Sync + 'static,
{
    move |text| {
        let (least, most) = ((*range.start()).into(), (*range.end()).into());
        let possible = match (least == i128::from(i64::MIN), most >= i128::from(i64::MAX)) {
            (true, true) => "write one such as 10".to_owned(),
            (_, true) => format!("write one from {least}"),
            (..) => format!("write one from {least} to {most}"),
        };
        let number: i128 = text
            .parse()
            .map_err(|_| format!("it is not a whole number; {possible}"))?;
        let found = Some(number).filter(|it| (least..=most).contains(it));
        let found = found.and_then(|it| T::try_from(it).ok());
        found.ok_or_else(|| format!("it is out of range; {possible}"))
    }
}

/// Reads any number.
pub(crate) fn number(text: &str) -> Result<f64, String> {
    let number = text.parse::<f64>().ok().filter(|it| it.is_finite());
    number.ok_or_else(|| "it is not a number; write one such as 0.8".to_owned())
}

/// Reads a score: a number from 0 to 1, or a percentage.
pub(crate) fn score(text: &str) -> Result<f64, String> {
    let number = match text.strip_suffix('%') {
        Some(percent) => percent.trim().parse::<f64>().map(|it| it / 100.0),
        None => text.parse::<f64>(),
    };
    match number {
        Ok(number) if (0.0..=1.0).contains(&number) => Ok(number),
        _ => Err(
            "it is not a score; write a number from 0 to 1, or a percentage such as 80%".to_owned(),
        ),
    }
}

/// Reads the path of a file to write. `-` stands for standard output elsewhere, which has the
/// result of the command.
pub(crate) fn output_file(text: &str) -> Result<String, String> {
    match text {
        "-" => Err(
            "standard output has the result of the command; write the path of a file".to_owned(),
        ),
        path => Ok(path.to_owned()),
    }
}

/// Reads the address of a network interface.
#[cfg(feature = "sandbox")]
pub(crate) fn address(text: &str) -> Result<IpAddr, String> {
    text.parse().map_err(|_| {
        "it is not an IP address; write one such as 127.0.0.1, ::1 or 0.0.0.0".to_owned()
    })
}
