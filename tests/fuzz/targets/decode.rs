//! Feeds whatever the fuzzer thinks of to the way of an answer.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| scorekit_calls::decode::answer(data));
