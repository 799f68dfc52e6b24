//! What a training may choose before it learns.

/// How a model is trained.
#[derive(Debug, Clone, serde::Serialize, serde::Deserialize)]
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
