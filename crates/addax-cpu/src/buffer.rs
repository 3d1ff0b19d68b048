//! Memory of tensors: one block, aligned to a cache line.

use addax_core::{Buffer, DType, Data, Element, Error, Result, TensorType, Value, with_data, with_element};
use std::alloc::{Layout, alloc_zeroed, dealloc};
use std::any::Any;
use std::ptr::NonNull;

/// Bytes of a cache line: what every block and every place in an arena is aligned to.
pub const ALIGN: usize = 64;

/// A zeroed block of memory.
pub struct Block {
    pointer: NonNull<u8>,
    layout: Layout,
}

// SAFETY: a block owns its memory; shared access only reads the pointer.
unsafe impl Send for Block {}
// SAFETY: as above.
unsafe impl Sync for Block {}

impl Block {
    /// A block of at least `bytes` bytes.
    pub fn new(bytes: usize) -> Result<Block> {
        let fail =
            || Error::value("memory").expected(format_args!("{bytes} bytes")).got("less from the system");
        crate::memory::check(bytes)?;
        let size = bytes.max(1).checked_next_multiple_of(ALIGN).ok_or_else(fail)?;
        let layout = Layout::from_size_align(size, ALIGN).map_err(|_| fail())?;
        // SAFETY: the layout's size is not zero.
        let pointer = NonNull::new(unsafe { alloc_zeroed(layout) }).ok_or_else(fail)?;
        Ok(Block { pointer, layout })
    }

    /// Its first byte.
    pub fn pointer(&self) -> *mut u8 {
        self.pointer.as_ptr()
    }

    /// Its bytes.
    pub fn len(&self) -> usize {
        self.layout.size()
    }

    /// Never: a block has at least one byte.
    pub fn is_empty(&self) -> bool {
        false
    }
}

impl Drop for Block {
    fn drop(&mut self) {
        // SAFETY: allocated in `new` with this layout.
        unsafe { dealloc(self.pointer.as_ptr(), self.layout) }
    }
}

/// A tensor in the engine's memory.
pub struct CpuBuffer {
    ty: TensorType,
    shape: Vec<usize>,
    count: usize,
    block: Block,
}

impl CpuBuffer {
    /// A tensor of zeros.
    pub fn new(ty: &TensorType) -> Result<CpuBuffer> {
        let shape = ty.shape.concrete()?;
        let bytes = ty.bytes().ok_or_else(|| Error::value("memory").expected("a size that fits").got(ty))?;
        let count = bytes / ty.dtype.size();
        Ok(CpuBuffer { ty: ty.clone(), shape, count, block: Block::new(bytes)? })
    }

    /// Its first element.
    pub fn pointer(&self) -> *mut u8 {
        self.block.pointer()
    }
}

/// The elements at a pointer as a value.
///
/// # Safety
/// Behind the pointer lie `count` elements of `dtype`, the product of `shape`.
pub unsafe fn read_value(pointer: *const u8, dtype: DType, shape: &[usize], count: usize) -> Result<Value> {
    if dtype == DType::Bool {
        // SAFETY: the caller's contract; bytes are compared, since memory might hold something other than 0 and 1.
        let bytes = unsafe { std::slice::from_raw_parts(pointer, count) };
        return Value::new(shape, bytes.iter().map(|b| *b != 0).collect::<Vec<bool>>());
    }
    with_element!(dtype, T => {
        // SAFETY: the caller's contract; every bit pattern is a value of these types (bool was treated above).
        let elements = unsafe { std::slice::from_raw_parts(pointer.cast::<T>(), count) };
        Value::new(shape, elements.to_vec())
    })
}

/// Copies a value's elements to a pointer.
///
/// # Safety
/// Behind the pointer there is room for the value's elements.
pub unsafe fn write_value(pointer: *mut u8, value: &Value) {
    with_data!(value.data(), v => {
        // SAFETY: the caller's contract; a vector's elements are plain bytes.
        unsafe { pointer.cast::<u8>().copy_from_nonoverlapping(v.as_ptr().cast(), std::mem::size_of_val(v.as_slice())) };
    });
}

impl Buffer for CpuBuffer {
    fn ty(&self) -> &TensorType {
        &self.ty
    }

    fn read(&self) -> Result<Value> {
        // SAFETY: the block holds `count` elements of the type.
        unsafe { read_value(self.pointer(), self.ty.dtype, &self.shape, self.count) }
    }

    fn write(&mut self, value: &Value) -> Result<()> {
        if value.dtype() != self.ty.dtype || value.len() != self.count {
            let got = TensorType::new(value.dtype(), value.shape());
            return Err(Error::value("buffer").expected(&self.ty).got(got));
        }
        // SAFETY: same type and count.
        unsafe { write_value(self.pointer(), value) };
        Ok(())
    }

    fn write_rows(&mut self, value: &Value, rows: &[usize]) -> Result<()> {
        let width = value.len() / value.rows().max(1);
        let fits = value.dtype() == self.ty.dtype && rows.len() * width == self.count;
        if !fits || rows.iter().any(|r| *r >= value.rows()) {
            let got = format!("{} rows of {width} {}", rows.len(), value.dtype());
            return Err(Error::value("rows of a buffer").expected(&self.ty).got(got));
        }
        with_data!(value.data(), v => gather(v.as_slice(), rows, width, self.pointer()));
        Ok(())
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

/// Rows up to this long are copied element by element: a call would cost more.
const SHORT: usize = 16;

fn gather<T: Element>(from: &[T], rows: &[usize], width: usize, to: *mut u8) {
    let to = to.cast::<T>();
    for (i, r) in rows.iter().enumerate() {
        let row = &from[r * width..(r + 1) * width];
        // SAFETY: the caller has checked that all rows fit behind `to`.
        unsafe {
            if width <= SHORT {
                row.iter().enumerate().for_each(|(j, x)| *to.add(i * width + j) = *x);
            } else {
                to.add(i * width).copy_from_nonoverlapping(row.as_ptr(), width);
            }
        }
    }
}

/// The elements of a value as bytes, for constants.
pub fn data_pointer(data: &Data) -> *const u8 {
    with_data!(data, v => v.as_ptr().cast())
}
