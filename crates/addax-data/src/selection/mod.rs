//! Choosing a model: splits, cross-validation and searches over anything that can be fitted, in scikit-learn's order.

mod cross;
mod curves;
mod estimator;
mod folds;
mod halving;
mod params;
mod runs;
mod search;
mod split;
mod splitters;

pub use cross::{CrossValidated, Progress, Validation, fit_seed};
pub use curves::{LearningCurve, ValidationCurve};
pub use estimator::Estimator;
pub use folds::Folds;
pub use halving::{Halving, HalvingGridSearchCV, HalvingRandomSearchCV, Round};
pub use params::{Distribution, Param, ParamGrid, Params, Space};
pub use search::{Candidate, Found, GridSearchCV, RandomizedSearchCV};
pub use split::{Part, Split, train_test_split};
pub use splitters::{
    GroupKFold, KFold, LeaveOneOut, Rows, ShuffleSplit, Sides, Splitter, StratifiedKFold,
    StratifiedShuffleSplit, TimeSeriesSplit,
};
