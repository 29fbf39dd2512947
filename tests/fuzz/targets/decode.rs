//! Feeds whatever the fuzzer thinks of to the way of an answer.
#![no_main]

#[path = "../decode.rs"]
mod decode;

libfuzzer_sys::fuzz_target!(|data: &[u8]| decode::answer(data));
