//! Convolutions and pooling.

use super::{Case, gradient, one};
use addax_core::ops::Spatial;

pub const CASES: &[Case] = &[
    ("conv 1 valid 1 channels_last", |x| one(x[0].conv(&x[1], &Spatial::valid()))),
    ("depthwise_conv 1 valid 1 channels_last", |x| one(x[0].depthwise_conv(&x[1], &Spatial::valid()))),
    ("separable_conv 1 valid 1 channels_last", |x| one(x[0].separable_conv(&x[1], &x[2], &Spatial::valid()))),
    ("conv 2 same 1 channels_last", |x| one(x[0].conv(&x[1], &Spatial::same().strides(&[2, 2])))),
    ("depthwise_conv 2 same 1 channels_last", |x| {
        one(x[0].depthwise_conv(&x[1], &Spatial::same().strides(&[2, 2])))
    }),
    ("separable_conv 2 same 1 channels_last", |x| {
        one(x[0].separable_conv(&x[1], &x[2], &Spatial::same().strides(&[2, 2])))
    }),
    ("conv 1 same 2 channels_first", |x| {
        one(x[0].conv(&x[1], &Spatial::same().dilation(&[2, 2]).channels_first()))
    }),
    ("depthwise_conv 1 same 2 channels_first", |x| {
        one(x[0].depthwise_conv(&x[1], &Spatial::same().dilation(&[2, 2]).channels_first()))
    }),
    ("separable_conv 1 same 2 channels_first", |x| {
        one(x[0].separable_conv(&x[1], &x[2], &Spatial::same().dilation(&[2, 2]).channels_first()))
    }),
    ("conv (2, 3) valid 1 channels_last", |x| one(x[0].conv(&x[1], &Spatial::valid().strides(&[2, 3])))),
    ("conv_transpose 1 valid None 1", |x| one(x[0].conv_transpose(&x[1], &Spatial::valid(), None))),
    ("conv_transpose 2 valid None 1", |x| {
        one(x[0].conv_transpose(&x[1], &Spatial::valid().strides(&[2]), None))
    }),
    ("conv_transpose 3 valid 1 1", |x| {
        one(x[0].conv_transpose(&x[1], &Spatial::valid().strides(&[3]), Some(&[1])))
    }),
    ("conv_transpose 2 same None 1", |x| {
        one(x[0].conv_transpose(&x[1], &Spatial::same().strides(&[2]), None))
    }),
    ("conv_transpose 2 same 1 1", |x| {
        one(x[0].conv_transpose(&x[1], &Spatial::same().strides(&[2]), Some(&[1])))
    }),
    ("conv_transpose 4 same None 1", |x| {
        one(x[0].conv_transpose(&x[1], &Spatial::same().strides(&[4]), None))
    }),
    ("conv_transpose 1 same None 2", |x| {
        one(x[0].conv_transpose(&x[1], &Spatial::same().dilation(&[2]), None))
    }),
    ("conv_transpose channels_first", |x| {
        one(x[0].conv_transpose(&x[1], &Spatial::same().strides(&[2, 2]).channels_first(), None))
    }),
    ("max_pool (3, 2) valid channels_last", |x| {
        one(x[0].max_pool(&[3, 2], &Spatial::valid().strides(&[3, 2])))
    }),
    ("average_pool (3, 2) valid channels_last", |x| {
        one(x[0].average_pool(&[3, 2], &Spatial::valid().strides(&[3, 2])))
    }),
    ("max_pool 1 same channels_last", |x| one(x[0].max_pool(&[3, 2], &Spatial::same()))),
    ("average_pool 1 same channels_last", |x| one(x[0].average_pool(&[3, 2], &Spatial::same()))),
    ("max_pool 2 same channels_first", |x| {
        one(x[0].max_pool(&[3, 2], &Spatial::same().strides(&[2, 2]).channels_first()))
    }),
    ("average_pool 2 same channels_first", |x| {
        one(x[0].average_pool(&[3, 2], &Spatial::same().strides(&[2, 2]).channels_first()))
    }),
    (
        "max_pool (3, 1) same channels_last",
        |x| one(x[0].max_pool(&[3, 2], &Spatial::same().strides(&[3, 1]))),
    ),
    ("average_pool (3, 1) same channels_last", |x| {
        one(x[0].average_pool(&[3, 2], &Spatial::same().strides(&[3, 1])))
    }),
    ("max_pool gradient", |x| gradient(|t| t.max_pool(&[3], &Spatial::same().strides(&[2])), x)),
];
