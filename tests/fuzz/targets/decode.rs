//! Feeds the fuzzer's data to the client as a response.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| scorekit_calls::decode::run(data));
