// SPDX-License-Identifier: Apache-2.0
//! Plugins for Gatewright in Rust, without cargo and without other crates. `abi` is the C ABI, name
//! by name; this file is a small safe layer over what most plugins need. What it lacks is in `abi`.
//!
//! ```text
//! struct Hello { header: gatewright::Header }
//! impl gatewright::Plugin for Hello {
//!     const PHASES: u32 = gatewright::REQUEST;
//!     fn new(config: &gatewright::Config) -> Result<Self, String> {
//!         Ok(Hello { header: config.header("X-Hello") })
//!     }
//!     fn on_request(&self, request: &mut gatewright::Request) -> gatewright::Action {
//!         request.set_header(self.header, b"hello from Rust")
//!     }
//! }
//! gatewright::plugin!(Hello, name: "hello", version: "1.0.0", priority: 500, schema: "{}");
//! ```
//!
//! A panic never crosses into the gateway: in a callback it fails the request, as GW_FAIL does.
use std::os::raw::{c_char, c_void};
use std::panic::{catch_unwind, AssertUnwindSafe};

pub mod abi;
use abi::*;

/// Phases that a plugin takes part in, for `Plugin::PHASES`.
pub const REQUEST: u32 = 1;
pub const RESPONSE: u32 = 2;
pub const LOG: u32 = 4;

/// What a callback tells the gateway. `Request` makes it.
#[must_use]
pub struct Action(gw_action);
pub const NEXT: Action = Action(GW_CONTINUE as gw_action);
pub const FAIL: Action = Action(GW_FAIL as gw_action);

/// An interned name of a header.
#[derive(Clone, Copy)]
pub struct Header(gw_hid);

/// One entry of the configuration. Made on the main thread, used by the worker's; dropped after its
/// last request.
pub trait Plugin: Sized + Send + Sync + 'static {
    /// Those whose functions are implemented: `REQUEST | LOG`.
    const PHASES: u32;
    /// The options fit the schema. An error refuses the configuration: "/option: what is wrong".
    fn new(config: &Config) -> Result<Self, String>;
    fn on_request(&self, _: &mut Request) -> Action {
        NEXT
    }
    fn on_response(&self, _: &mut Request) -> Action {
        NEXT
    }
    fn on_log(&self, _: &Request) {}
}

fn text(of: &[u8]) -> gw_str {
    gw_str { p: of.as_ptr() as *const c_char, n: of.len() }
}

/// # Safety
/// The host's slice must live as long as 'a.
unsafe fn bytes<'a>(of: gw_str) -> Option<&'a [u8]> {
    if of.p.is_null() {
        return None;
    }
    Some(std::slice::from_raw_parts(of.p as *const u8, of.n))
}

/// The options of one entry; for the call of `Plugin::new` only.
pub struct Config<'a> {
    api: &'a gw_config_api,
    cfg: *mut gw_cfg,
}

impl Config<'_> {
    /// By JSON pointer ("/users/0"), of at most 255 bytes. None: absent, or of another kind.
    pub fn str(&self, pointer: &str) -> Option<String> {
        let at = self.pointer(pointer)?;
        let found = unsafe { bytes(self.api.str?(self.cfg, at.as_ptr() as *const c_char)) }?;
        String::from_utf8(found.to_vec()).ok()
    }
    pub fn int(&self, pointer: &str, fallback: i64) -> i64 {
        match (self.pointer(pointer), self.api.i64) {
            (Some(at), Some(read)) => unsafe {
                read(self.cfg, at.as_ptr() as *const c_char, fallback)
            },
            _ => fallback,
        }
    }
    pub fn boolean(&self, pointer: &str, fallback: bool) -> bool {
        match (self.pointer(pointer), self.api.boolean) {
            (Some(at), Some(read)) => unsafe {
                read(self.cfg, at.as_ptr() as *const c_char, fallback as i32) != 0
            },
            _ => fallback,
        }
    }
    /// Elements of an array or members of an object.
    pub fn count(&self, pointer: &str) -> u32 {
        match (self.pointer(pointer), self.api.count) {
            (Some(at), Some(read)) => unsafe { read(self.cfg, at.as_ptr() as *const c_char) },
            _ => 0,
        }
    }
    pub fn header(&self, name: &str) -> Header {
        Header(self.api.header_id.map_or(0, |intern| unsafe { intern(self.cfg, text(name.as_bytes())) }))
    }
    fn pointer(&self, pointer: &str) -> Option<Vec<u8>> {
        let mut out = pointer.as_bytes().to_vec();
        if out.contains(&0) || out.len() > 255 {
            return None;
        }
        out.push(0);
        Some(out)
    }
}

/// A request, for the length of one callback. What it lends ends with the next change: the compiler
/// holds a plugin to that.
pub struct Request {
    r: *mut gw_req,
}

impl Request {
    fn v(&self) -> &gw_req_api {
        unsafe { &*(*self.r).v }
    }
    /// A value by its constant, such as `abi::GW_PATH`.
    pub fn value(&self, what: i64) -> Option<&[u8]> {
        unsafe { bytes(self.v().get?(self.r, what as u32)) }
    }
    pub fn number(&self, what: i64) -> i64 {
        self.v().get_i64.map_or(-1, |get| unsafe { get(self.r, what as u32) })
    }
    pub fn header(&self, id: Header) -> Option<&[u8]> {
        unsafe { bytes(self.v().hdr_get?(self.r, GW_REQUEST as u32, id.0)) }
    }
    pub fn response_header(&self, id: Header) -> Option<&[u8]> {
        unsafe { bytes(self.v().hdr_get?(self.r, GW_RESPONSE as u32, id.0)) }
    }
    /// The value is copied. `FAIL` when the phase or the value does not allow it, else `NEXT`.
    pub fn set_header(&mut self, id: Header, value: &[u8]) -> Action {
        self.set(GW_REQUEST, id, value)
    }
    pub fn set_response_header(&mut self, id: Header, value: &[u8]) -> Action {
        self.set(GW_RESPONSE, id, value)
    }
    pub fn remove_header(&mut self, id: Header) -> Action {
        match self.v().hdr_remove {
            Some(f) if unsafe { f(self.r, GW_REQUEST as u32, id.0) } == GW_OK as gw_status => NEXT,
            _ => FAIL,
        }
    }
    fn set(&mut self, map: i64, id: Header, value: &[u8]) -> Action {
        match self.v().hdr_set {
            Some(f) if unsafe { f(self.r, map as u32, id.0, text(value), 0) } == GW_OK as gw_status => NEXT,
            _ => FAIL,
        }
    }
    /// To be returned. `code`: why, as [a-z0-9_]+.
    pub fn respond(&mut self, status: i32, code: &str, message: &str, headers: &[(Header, &[u8])]) -> Action {
        let fields: Vec<gw_field> = headers
            .iter()
            .map(|(id, value)| gw_field { name: NONE, value: text(value), id: id.0, flags: 0 })
            .collect();
        let answer = gw_response {
            size: std::mem::size_of::<gw_response>() as u32,
            status,
            flags: 0,
            nheaders: fields.len() as u32,
            headers: if fields.is_empty() { std::ptr::null() } else { fields.as_ptr() },
            code: text(code.as_bytes()),
            message: text(message.as_bytes()),
            content_type: NONE,
            body: NONE,
        };
        match self.v().respond {
            Some(f) if unsafe { f(self.r, &answer) } == GW_OK as gw_status => Action(GW_RESPOND as gw_action),
            _ => FAIL,
        }
    }
    /// Notes why a request was let in or not, for logs and the admin side.
    pub fn decide(&mut self, verdict: i64, code: &str) {
        if let Some(f) = self.v().decide {
            unsafe { f(self.r, verdict as i32, text(code.as_bytes()), NONE, NONE) }
        }
    }
}

const NONE: gw_str = gw_str { p: std::ptr::null(), n: 0 };

unsafe fn refuse(error: *mut gw_error, why: &str) -> gw_status {
    if !error.is_null() {
        let error = &mut *error;
        error.code = GW_E_INVALID as i32;
        let room = error.msg.len() - 1;
        for (to, from) in error.msg[..room].iter_mut().zip(why.bytes()) {
            *to = from as c_char;
        }
    }
    GW_E_INVALID as gw_status
}

unsafe extern "C" fn instance_new<P: Plugin>(args: *const gw_instance_args, out: *mut *mut c_void, error: *mut gw_error) -> gw_status {
    let host = (*args).host;
    let table = match (*host).get_api {
        Some(get) => get(host, "gw.config/1\0".as_ptr() as *const c_char) as *const gw_config_api,
        None => std::ptr::null(),
    };
    if table.is_null() {
        return refuse(error, "this host does not offer gw.config/1");
    }
    let config = Config { api: &*table, cfg: (*args).cfg };
    match catch_unwind(AssertUnwindSafe(|| P::new(&config))) {
        Ok(Ok(made)) => {
            *out = Box::into_raw(Box::new(made)) as *mut c_void;
            GW_OK as gw_status
        }
        Ok(Err(why)) => refuse(error, &why),
        Err(_) => refuse(error, "the plugin has panicked"),
    }
}

unsafe extern "C" fn instance_free<P: Plugin>(inst: *mut c_void) {
    let made = Box::from_raw(inst as *mut P);
    let _ = catch_unwind(AssertUnwindSafe(move || drop(made)));
}

unsafe fn run<P: Plugin>(r: *mut gw_req, me: *mut gw_self, f: fn(&P, &mut Request) -> Action) -> gw_action {
    let plugin = &*((*me).inst as *const P);
    catch_unwind(AssertUnwindSafe(|| f(plugin, &mut Request { r }).0)).unwrap_or(GW_FAIL as gw_action)
}

unsafe extern "C" fn on_request<P: Plugin>(r: *mut gw_req, me: *mut gw_self) -> gw_action {
    run::<P>(r, me, P::on_request)
}

unsafe extern "C" fn on_response<P: Plugin>(r: *mut gw_req, me: *mut gw_self) -> gw_action {
    run::<P>(r, me, P::on_response)
}

unsafe extern "C" fn on_log<P: Plugin>(r: *mut gw_req, me: *mut gw_self) {
    let plugin = &*((*me).inst as *const P);
    let _ = catch_unwind(AssertUnwindSafe(|| plugin.on_log(&Request { r })));
}

/// Statics that hold pointers to other statics, and never change.
#[repr(transparent)]
pub struct Fixed<T>(pub T);
unsafe impl<T> Sync for Fixed<T> {}

type Callback = unsafe extern "C" fn(*mut gw_req, *mut gw_self) -> gw_action;

const fn when(wanted: bool, callback: Callback) -> Option<Callback> {
    if wanted {
        Some(callback)
    } else {
        None
    }
}

#[doc(hidden)]
pub const fn describe<P: Plugin>(name: &'static str, version: &'static str, schema: &'static str, priority: i32) -> Fixed<gw_plugin_desc> {
    let log: unsafe extern "C" fn(*mut gw_req, *mut gw_self) = on_log::<P>;
    Fixed(gw_plugin_desc {
        size: std::mem::size_of::<gw_plugin_desc>() as u32,
        flags: 0,
        name: name.as_ptr() as *const c_char,
        version: version.as_ptr() as *const c_char,
        schema: schema.as_ptr() as *const c_char,
        priority,
        protocols: 0,
        req_state_size: 0,
        req_state_align: 0,
        collections: std::ptr::null(),
        ncollections: 0,
        rsv: 0,
        plugin_init: None,
        instance_new: Some(instance_new::<P>),
        instance_free: Some(instance_free::<P>),
        worker_start: None,
        worker_stop: None,
        on_rewrite: None,
        on_request: when(P::PHASES & REQUEST != 0, on_request::<P>),
        on_request_body: None,
        on_upstream: None,
        on_response: when(P::PHASES & RESPONSE != 0, on_response::<P>),
        on_response_body: None,
        on_resume: None,
        on_cancel: None,
        on_log: if P::PHASES & LOG != 0 { Some(log) } else { None },
        req_free: None,
        get_ext: None,
    })
}

#[doc(hidden)]
pub const fn module(plugins: *const *const gw_plugin_desc) -> Fixed<gw_module> {
    Fixed(gw_module {
        size: std::mem::size_of::<gw_module>() as u32,
        minor_built: GW_ABI_MINOR as u16,
        minor_required: GW_ABI_MINOR as u16,
        n: 1,
        draft: GW_ABI_DRAFT as u32,
        plugins,
    })
}

const fn fill<const N: usize>(from: &str) -> [c_char; N] {
    let mut out = [0; N];
    let mut i = 0;
    while i < from.len() && i + 1 < N {
        out[i] = from.as_bytes()[i] as c_char;
        i += 1;
    }
    out
}

#[doc(hidden)]
pub const fn note(name: &'static str) -> gw_note {
    gw_note {
        namesz: 11,
        descsz: (std::mem::size_of::<u32>() * 5 + GW_NOTE_NAMES as usize) as u32,
        r#type: GW_NOTE_TYPE as u32,
        owner: fill("Gatewright"),
        major: GW_ABI_MAJOR as u32,
        minor_built: GW_ABI_MINOR as u32,
        minor_required: GW_ABI_MINOR as u32,
        count: 1,
        names: fill(name),
        draft: GW_ABI_DRAFT as u32,
    }
}

/// The module of a file with one plugin: descriptor, ELF note and the one exported function.
#[macro_export]
macro_rules! plugin {
    ($type:ty, name: $name:expr, version: $version:expr, priority: $priority:expr, schema: $schema:expr) => {
        static GW_DESC: $crate::Fixed<$crate::abi::gw_plugin_desc> = $crate::describe::<$type>(
            concat!($name, "\0"),
            concat!($version, "\0"),
            concat!($schema, "\0"),
            $priority,
        );
        static GW_PLUGINS: $crate::Fixed<[*const $crate::abi::gw_plugin_desc; 1]> = $crate::Fixed([&GW_DESC.0]);
        static GW_MODULE: $crate::Fixed<$crate::abi::gw_module> = $crate::module(&GW_PLUGINS.0 as *const _);
        #[used]
        #[link_section = ".note.gatewright"]
        static GW_NOTE: $crate::abi::gw_note = $crate::note($name);
        /// # Safety
        /// For the gateway only.
        #[no_mangle]
        pub unsafe extern "C" fn gatewright_module_v1(
            _host: *const $crate::abi::gw_host,
            _error: *mut $crate::abi::gw_error,
        ) -> *const $crate::abi::gw_module {
            &GW_MODULE.0
        }
    };
}
