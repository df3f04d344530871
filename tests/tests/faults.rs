//! A short run of the faults that `cargo xtask faults` makes for as long as one likes.

#[cfg(test)]
mod tests {
    use comptoir_tests::faults;
    use xtask::faults::Options;

    #[tokio::test(flavor = "multi_thread")]
    async fn two_minutes_of_faults_break_no_rule() {
        // The plan of this seed kills each server at least once: `plan.rs` tests it.
        let options = Options {
            minutes: 2,
            seed: 2,
        };
        assert!(faults::run(&options).await, "the report is above");
    }
}
