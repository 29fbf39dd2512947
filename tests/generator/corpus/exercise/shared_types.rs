//! Passes values of shared types from a response of one client to a request of another.

use shared_types_search::types::{Label, Match, NamedLocale, NoteAttributes};

use crate::server::Server;

pub async fn shared_types(server: &Server) {
    println!("== shared_types");
    let books = shared_types_books::Client::from_core(server.client());
    let loans = shared_types_loans::Client::from_core(server.client());
    let search = shared_types_search::Client::from_core(server.client());
    // `books` never sends a `Book`, so its response may leave out what a request must not.
    server.json(
        r#"{"id": "1", "title": "Poems", "kind": "new", "isbn": null, "tags": [{"name": "thin"}],
            "author": {"given_name": "A", "pen_name": "B"}}"#,
    );
    let book = books.get_book("1").send().await.expect("a book");
    let mut book = book.into_inner();
    book.title = "Songs".to_owned();
    let locale = NamedLocale::new("en".into(), "GB".into());
    let book = book.tags([Label::new("sung").locale(locale)]);
    server.json(r#"{"book": {"title": "Songs"}, "notes": []}"#);
    server.show(loans.lend(&book).send()).await;

    server.json(r#"{"all": [{"field": "kind", "not": {"field": "title"}}]}"#);
    let note = NoteAttributes::new("late");
    let saved = search.save(&note.clone().into()).send().await;
    let filter = saved.expect("a filter").into_inner();
    server.respond_with("204 No Content", "text/plain", "");
    server.show(loans.find_loans(&filter).send()).await;
    server.show(books.describe_book("1", &note.into()).send()).await;
    let body = shared_types_search::types::FindBody::new(Match::new("title"));
    server.json("[]");
    server.show(search.find(&body).send()).await;
}
