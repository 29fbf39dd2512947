//! The request that all batches of a push share, and its changes before the first of them.

use std::sync::Arc;

use super::batch::Filling;
use super::descriptor::Bulk;
use super::engine::Engine;
use super::template::Template;
use crate::request::raw::RawRequest;
use crate::{CallOptions, Error};

/// Takes the body out of a request, and splits it at the list of the items.
pub(super) fn split_body(request: &mut RawRequest, bulk: &Bulk) -> Result<Template, Error> {
    let body = request.take_whole_body();
    let template = body.and_then(|body| {
        let body = body.as_deref().unwrap_or(b"null");
        Template::new(body, bulk.items)
    });
    template.map_err(|problem| Error::invalid_request(problem).in_operation(request.operation.id))
}

impl Engine {
    pub(super) fn options(&mut self, options: CallOptions) {
        let earlier = std::mem::take(&mut self.request.options);
        self.request.options = options.or(earlier);
    }

    /// Changes the request of all batches before the first of them. The journal knows a push by its
    /// request, so it has to be opened afterwards.
    pub(super) fn change_request(&mut self, change: impl FnOnce(&mut RawRequest)) {
        if self.broken.is_some() {
            return;
        }
        if self.journal.is_some() || self.progress.read > 0 {
            let problem = "the request of a push changes after it has begun; call the methods \
                           whose names end in _unchecked before Push::journal";
            let error = Error::invalid_request(problem).in_operation(self.operation());
            self.broken = Some(Arc::new(error));
            return;
        }
        let body = [&self.template.before[..], &self.template.after].concat();
        self.request.body = Some(body.into());
        change(&mut self.request);
        match split_body(&mut self.request, self.bulk) {
            Ok(template) => self.template = template,
            Err(error) => self.broken = Some(Arc::new(error)),
        }
        self.filling = Filling::new(&self.template, 0);
    }
}
