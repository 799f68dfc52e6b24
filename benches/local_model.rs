//! What the local model and the safety floor cost per message: the promise is at most 50 microseconds for 100 characters,
//! growing linearly.

use divan::Bencher;
use divan::counter::BytesCount;
use switchboard::classify::local::LocalModel;
use switchboard::classify::safety_floor::SafetyFloor;
use switchboard::message::Channel;

fn main() {
    divan::main();
}

/// Exactly 100 characters.
const MESSAGE: &str =
    "Hi, my order 5512 came today but the seal on the bottle was broken, can you please refund me for it?";

fn text(chars: usize) -> String {
    MESSAGE.chars().cycle().take(chars).collect()
}

#[divan::bench(args = [100, 1000, 10000])]
fn classify(bencher: Bencher<'_, '_>, chars: usize) {
    let model = LocalModel::embedded().expect("the embedded model is valid");
    let text = text(chars);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| model.classify(divan::black_box(&text), Channel::Chat));
}

#[divan::bench(args = [100, 1000, 10000])]
fn floor(bencher: Bencher<'_, '_>, chars: usize) {
    let model = LocalModel::embedded().expect("the embedded model is valid");
    let floor = SafetyFloor::default();
    let text = text(chars);
    let verdict = model.classify(&text, Channel::Chat);
    bencher
        .counter(BytesCount::of_str(&text))
        .bench(|| floor.check(divan::black_box(&text), &verdict));
}

#[divan::bench]
fn load() -> LocalModel {
    LocalModel::embedded().expect("the embedded model is valid")
}
