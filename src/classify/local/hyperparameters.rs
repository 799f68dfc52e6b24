//! What a training may choose before it learns, by name and within bounds: outside them there would be no model, or no end.

use super::format::FEATURE_BITS;

/// How a model is trained.
#[derive(Debug, Clone, serde::Serialize)]
pub struct Hyperparameters {
    /// The hashed space has 2^bits features.
    pub bits: u32,
    /// Passes over the rows.
    pub epochs: u32,
    /// AdaGrad's first step for hashed features; every step shrinks to 0 over the training.
    pub rate: f32,
    /// AdaGrad's first step for word vectors.
    pub vector_rate: f32,
    /// Adam's first step for the convolution.
    pub dense_rate: f32,
    /// Adam's decoupled weight decay.
    pub decay: f32,
    /// L2 regularisation of hashed features, per visit.
    pub l2: f32,
    /// Part of the hashed features left out at each visit.
    pub feature_dropout: f32,
    /// Part of the words the convolution does not get to see.
    pub word_dropout: f32,
    /// Part of the pooled values left out.
    pub pool_dropout: f32,
    /// How much the severity and intent losses count beside the category's.
    pub side_heads: f32,
    /// Networks trained with different random numbers, whose mean answers.
    pub members: u32,
    /// Start of the sequence of random numbers.
    pub seed: u64,
}

/// A setting that no model can be trained with.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{setting}: {problem}")]
pub struct BadHyperparameter {
    /// The setting as it was given.
    pub setting: String,
    /// What would be right.
    pub problem: String,
}

impl Hyperparameters {
    /// The defaults with the `NAME=VALUE` settings in place.
    ///
    /// # Errors
    /// [`BadHyperparameter`] for the first unknown name, or value that is no number of its kind or out of bounds.
    pub fn with(settings: &[String]) -> Result<Self, BadHyperparameter> {
        let mut values = Self::default();
        for setting in settings {
            let bad = |problem: &str| BadHyperparameter {
                setting: setting.clone(),
                problem: problem.to_owned(),
            };
            let (name, value) = setting.split_once('=').ok_or_else(|| bad("give NAME=VALUE"))?;
            values
                .set(name.trim(), value.trim())
                .map_err(|problem| bad(&problem))?;
        }
        Ok(values)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let whole = |slot: &mut u32, least: u32, most: u32| match value.parse() {
            Ok(value) if (least..=most).contains(&value) => {
                *slot = value;
                Ok(())
            }
            _ => Err(format!("must be a whole number from {least} to {most}")),
        };
        let part = |slot: &mut f32, most: f32| match value.parse() {
            Ok(value) if (0.0..=most).contains(&value) => {
                *slot = value;
                Ok(())
            }
            _ => Err(format!("must be a number from 0 to {most}")),
        };
        // All of a layer left out teaches nothing.
        const MOST_LEFT_OUT: f32 = 0.9;
        match name {
            // What a model file may have.
            "bits" => whole(&mut self.bits, *FEATURE_BITS.start(), *FEATURE_BITS.end()),
            "epochs" => whole(&mut self.epochs, 1, 1000),
            "members" => whole(&mut self.members, 1, 64),
            "rate" => part(&mut self.rate, 10.0),
            "vector_rate" => part(&mut self.vector_rate, 10.0),
            "dense_rate" => part(&mut self.dense_rate, 10.0),
            "decay" => part(&mut self.decay, 1.0),
            "l2" => part(&mut self.l2, 1.0),
            "feature_dropout" => part(&mut self.feature_dropout, MOST_LEFT_OUT),
            "word_dropout" => part(&mut self.word_dropout, MOST_LEFT_OUT),
            "pool_dropout" => part(&mut self.pool_dropout, MOST_LEFT_OUT),
            "side_heads" => part(&mut self.side_heads, 10.0),
            "seed" => {
                self.seed = value.parse().map_err(|_| "must be a whole number, 0 or more")?;
                Ok(())
            }
            _ => Err(
                "known are bits, epochs, rate, vector_rate, dense_rate, decay, l2, feature_dropout, word_dropout, pool_dropout, side_heads, \
                 members and seed"
                    .to_owned(),
            ),
        }
    }
}

impl Default for Hyperparameters {
    /// Chosen on the files of two authors left out of training, `dev.jsonl` and `calibrate.jsonl` together.
    fn default() -> Self {
        Self {
            bits: 17,
            epochs: 6,
            rate: 0.2,
            vector_rate: 0.1,
            dense_rate: 3e-3,
            decay: 1e-3,
            l2: 2e-7,
            feature_dropout: 0.3,
            word_dropout: 0.1,
            pool_dropout: 0.2,
            side_heads: 0.7,
            members: 1,
            seed: 17,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn with(settings: &[&str]) -> Result<Hyperparameters, BadHyperparameter> {
        let settings: Vec<String> = settings.iter().map(|setting| (*setting).to_owned()).collect();
        Hyperparameters::with(&settings)
    }

    #[test]
    fn every_name_that_the_card_shows_can_be_set() {
        let serde_json::Value::Object(names) = serde_json::to_value(Hyperparameters::default()).unwrap()
        else {
            panic!("a table")
        };
        for (name, value) in names {
            assert!(with(&[&format!("{name}={value}")]).is_ok(), "{name}={value}");
        }
        let set = with(&["epochs=6", "seed=3", "rate = 0.5"]).unwrap();
        assert_eq!((set.epochs, set.seed, set.rate), (6, 3, 0.5));
    }

    #[test]
    fn what_no_model_can_be_trained_with_is_refused_with_what_would_be_right() {
        for (setting, right) in [
            ("bits=64", "from 8 to 22"),
            ("bits=30", "from 8 to 22"),
            ("epochs=0", "from 1 to 1000"),
            ("epochs=-1", "from 1 to 1000"),
            ("members=0", "from 1 to 64"),
            ("rate=abc", "from 0 to 10"),
            ("rate=NaN", "from 0 to 10"),
            ("pool_dropout=1", "from 0 to 0.9"),
            ("epochs", "NAME=VALUE"),
            ("layers=3", "known are bits, epochs"),
        ] {
            let told = with(&[setting]).unwrap_err().to_string();
            assert!(told.starts_with(setting) && told.contains(right), "{told}");
        }
    }
}
