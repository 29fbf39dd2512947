//! Kinds of change: the edit of `base.yaml`, the kind that the command reports, and the effect on
//! the wire. The compiler decides the effect on code.

/// A kind of change.
pub(super) struct Row {
    /// Its name in docs/diff.md.
    pub(super) name: &'static str,
    /// The kind of at least one of the reported changes.
    pub(super) kind: &'static str,
    /// True if a client built from the old document fails or misbehaves.
    pub(super) wire: bool,
    /// Strings that occur once in the document, each with its replacement.
    pub(super) edits: &'static [(&'static str, &'static str)],
}

macro_rules! rows {
    ($($wire:ident $kind:literal $name:literal: $($from:literal => $to:literal),+;)*) => {
        /// Every row.
        pub(super) const ROWS: &[Row] = &[$(Row {
            name: $name,
            kind: $kind,
            wire: rows!(@ $wire),
            edits: &[$(($from, $to)),+],
        }),*];
    };
    (@ breaks) => { true };
    (@ keeps) => { false };
}

rows! {
    // Fields of requests.
    keeps "optional-field-added" "an optional field is added to a request":
        "        due: {type" => "        urgent: {type: boolean, description: Whether urgent.}\n        due: {type";
    breaks "required-field-added" "a required field is added to a request":
        "required: [item, count, kind]" => "required: [item, count, kind, size]",
        "        due: {type" => "        size: {type: integer, description: How large.}\n        due: {type";
    breaks "field-removed" "an optional field is removed from a request":
        "        due: {type: string, format: date, description: Until when.}\n" => "";
    breaks "field-renamed" "an optional field of a request is renamed":
        "        due: {type" => "        until: {type";
    breaks "field-required" "an optional field of a request becomes required":
        "required: [item, count, kind]" => "required: [item, count, kind, due]";
    keeps "field-optional" "a required field of a request becomes optional":
        "required: [item, count, kind]" => "required: [item, kind]";
    keeps "type-changed" "a 32-bit integer of a request becomes wider":
        "count: {type: integer, format: int32, description: How many., minimum: 1, maximum: 9}" => "count: {type: integer, description: How many., minimum: 1, maximum: 9}";
    breaks "type-changed" "a map of integers in a request becomes one of 32-bit ones":
        "additionalProperties: {type: integer}}" => "additionalProperties: {type: integer, format: int32}}";
    breaks "type-changed" "a string of a request becomes a date":
        "        note: {type: string, description: A note., default: none}" => "        note: {type: string, format: date, description: A note., default: none}";
    breaks "nullable-removed" "a field of a request may no longer be null":
        "nullable: true, description: A reference." => "description: A reference.";
    keeps "nullable-added" "a field of a request may be null":
        "        due: {type: string, format: date, " => "        due: {type: string, format: date, nullable: true, ";
    keeps "nullable-added" "a required field of a request may be null":
        "        item: {type: string, description: What., minLength" => "        item: {type: string, nullable: true, description: What., minLength";
    breaks "default-changed" "the default of a field of a request changes":
        "default: none" => "default: empty";
    breaks "bounds-changed" "a bound of a request is tightened":
        "maximum: 9}" => "maximum: 5}";
    keeps "bounds-changed" "a bound of a request is loosened":
        "minLength: 2" => "minLength: 1";
    keeps "fields-reordered" "two required fields of a request change places":
        "        item: {type: string, description: What., minLength: 2, maxLength: 20}\n" => "",
        "        kind: {$ref: \"#/components/schemas/Kind\"}\n        color" => "        item: {type: string, description: What., minLength: 2, maxLength: 20}\n        kind: {$ref: \"#/components/schemas/Kind\"}\n        color";
    keeps "fields-reordered" "two required strings of a request change places":
        "        currency: {type: string, description: Which currency.}\n        label: {type: string, description: What for.}\n" => "        label: {type: string, description: What for.}\n        currency: {type: string, description: Which currency.}\n";
    keeps "fields-reordered" "two required integers of a request change places":
        "        amount: {type: integer, description: In cents.}\n        places: {type: integer, description: How many decimal places.}\n" => "        places: {type: integer, description: How many decimal places.}\n        amount: {type: integer, description: In cents.}\n";
    keeps "optional-field-added" "the attributes of an envelope get an optional field":
        "        title: {type: string" => "        subtitle: {type: string, description: More.}\n        title: {type: string";
    breaks "required-field-added" "the data of an envelope gets a required field":
        "required: [kind, attributes]" => "required: [kind, attributes, id]",
        "        attributes: {$ref" => "        id: {type: string, description: Its identifier.}\n        attributes: {$ref";
    keeps "optional-field-added" "the envelope of a request gets an optional field":
        "        data: {$ref: \"#/components/schemas/OrderReplaceData\"}" => "        data: {$ref: \"#/components/schemas/OrderReplaceData\"}\n        dry: {type: boolean, description: Only try.}";

    // Fields of responses.
    keeps "optional-field-added" "an optional field is added to a response":
        "        weight: {type" => "        height: {type: number, description: How high.}\n        weight: {type";
    keeps "required-field-added" "a required field is added to a response":
        "required: [id, count, price, created_at, state]" => "required: [id, count, price, created_at, state, height]",
        "        weight: {type" => "        height: {type: number, description: How high.}\n        weight: {type";
    keeps "field-removed" "an optional field is removed from a response":
        "        weight: {type: number, description: How heavy.}\n" => "";
    breaks "field-removed" "a required field is removed from a response":
        "        item: {type: string, description: What.}\n" => "",
        "      required: [item]\n" => "";
    breaks "field-renamed" "a field of a response is renamed":
        "        weight: {type" => "        mass: {type";
    breaks "field-optional" "a required field of a response becomes optional":
        "required: [id, count, price, created_at, state]" => "required: [id, price, created_at, state]";
    keeps "field-required" "an optional field of a response becomes required":
        "      required: [item]\n" => "      required: [item, amount]\n";
    breaks "type-changed" "a 32-bit integer of a response becomes wider":
        "count: {type: integer, format: int32, description: How many.}" => "count: {type: integer, description: How many.}";
    keeps "type-changed" "an integer of a response becomes narrower":
        "big: {type: integer, " => "big: {type: integer, format: int32, ";
    breaks "type-changed" "a string of a response becomes an integer":
        "        id: {type: string, description: Its identifier.}" => "        id: {type: integer, description: Its identifier.}";
    breaks "type-changed" "an integer of a response becomes a number":
        "left: {type: integer" => "left: {type: number";
    keeps "type-changed" "a time of a response becomes a string":
        "created_at: {type: string, format: date-time, description: When.}" => "created_at: {type: string, description: When.}";
    keeps "type-changed" "an enum of a response becomes a string":
        "        state: {$ref: \"#/components/schemas/State\"}" => "        state: {type: string, description: A state.}";
    keeps "type-changed" "a string of a response becomes an enum":
        "        note: {type: string, description: A note.}" => "        note: {type: string, description: A note., enum: [a, b]}";
    breaks "type-changed" "an object of a response becomes a map":
        "origin: {type: object, description: Where from., properties: {city: {type: string, description: A city.}}}" => "origin: {type: object, description: Where from., additionalProperties: {type: integer}}";
    breaks "type-changed" "the items of a list in a response change their type":
        "tags: {type: array, description: Labels., items: {type: string}}\n        labels" => "tags: {type: array, description: Labels., items: {type: integer}}\n        labels";
    breaks "type-changed" "a list of a response becomes a single value":
        "tags: {type: array, description: Labels., items: {type: string}}\n        labels" => "tags: {type: string, description: Labels.}\n        labels";
    keeps "bounds-changed" "a format that selects no type is added to a response":
        "city: {type: string, " => "city: {type: string, format: uuid, ";
    breaks "nullable-added" "a required field of a response may be null":
        "        id: {type: string, description: Its identifier.}" => "        id: {type: string, nullable: true, description: Its identifier.}";
    keeps "nullable-added" "an optional field of a response may be null":
        "gift: {type: boolean, " => "gift: {type: boolean, nullable: true, ";
    breaks "additional-properties-changed" "a map of a response becomes free-form":
        "additionalProperties: {type: string}}" => "additionalProperties: true}";
    keeps "additional-properties-changed" "a response allows additional properties":
        "      description: A line.\n" => "      description: A line.\n      additionalProperties: true\n";
    keeps "optional-field-added" "the envelope of a response gets a second property":
        "        data: {$ref: \"#/components/schemas/Order\"}" => "        data: {$ref: \"#/components/schemas/Order\"}\n        meta: {type: string, description: More.}";

    // Types.
    breaks "field-removed" "a field that is sent and read is removed":
        "        rounded: {type: boolean, description: Whether rounded.}\n" => "";
    keeps "enum-value-added" "an enum gets a value": "[red, green, blue]" => "[red, green, blue, black]";
    breaks "enum-value-removed" "an enum of a request loses a value": "[red, green, blue]" => "[red, green]";
    keeps "enum-value-removed" "an enum of a response loses a value": "enum: [open, closed]" => "enum: [open]";
    breaks "enum-value-added" "a value of an enum is renamed": "[red, green, blue]" => "[red, green, navy]";
    keeps "enum-value-added" "an enum of one value gets a second one": "enum: [order]" => "enum: [order, offer]";
    keeps "alternative-added" "a union gets an alternative of another kind":
        "oneOf: [{type: string}, {type: number}," => "oneOf: [{type: string}, {type: number}, {type: boolean},";
    breaks "alternative-added" "a union gets an alternative that resembles another one":
        "{$ref: \"#/components/schemas/Money\"}]" => "{$ref: \"#/components/schemas/Money\"}, {$ref: \"#/components/schemas/Line\"}]";
    breaks "alternative-removed" "a union loses an alternative":
        "oneOf: [{type: string}, {type: number}," => "oneOf: [{type: string},";
    keeps "schema-renamed" "a schema is renamed":
        "    Line:\n" => "    OrderLine:\n",
        "items: {$ref: \"#/components/schemas/Line\"}" => "items: {$ref: \"#/components/schemas/OrderLine\"}";
    keeps "schema-added" "a list of a schema becomes one of a schema of its own":
        "    Items: {type: array, description: Items., items: {$ref: \"#/components/schemas/Item\"}}" => "    Items: {type: array, description: Items., items: {$ref: \"#/components/schemas/Piece\"}}\n    Piece: {type: object, description: An item., required: [name], properties: {name: {type: string, description: Its name.}, left: {type: integer, description: How many are left.}, more: {type: string, description: More.}}}";

    // Parameters.
    keeps "optional-parameter-added" "an optional parameter is added":
        "        - {name: X-Trace" => "        - {name: sort, in: query, description: The order., schema: {type: string}}\n        - {name: X-Trace";
    breaks "required-parameter-added" "a required parameter is added":
        "        - {name: view" => "        - {name: sort, in: query, required: true, description: The order., schema: {type: string}}\n        - {name: view";
    breaks "parameter-removed" "an optional parameter is removed":
        "        - {name: color, in: query, description: Of this color., schema: {$ref: \"#/components/schemas/Color\"}}\n" => "";
    breaks "parameter-removed" "a required parameter is removed":
        "        - {name: view, in: query, required: true, description: Which view., schema: {type: string}}\n" => "";
    breaks "parameter-required" "an optional parameter becomes required":
        "{name: X-Trace, in: header," => "{name: X-Trace, in: header, required: true,";
    keeps "parameter-optional" "a required parameter becomes optional":
        "{name: view, in: query, required: true," => "{name: view, in: query,";
    breaks "parameter-renamed" "an optional parameter is renamed":
        "{name: since, in: query" => "{name: after, in: query";
    keeps "header-recased" "a header is written in another case":
        "{name: X-Trace, in: header" => "{name: x-trace, in: header";
    breaks "parameter-renamed" "a required parameter is renamed":
        "{name: view, in: query" => "{name: layout, in: query";
    breaks "parameter-moved" "an optional parameter moves from the query to a header":
        "{name: text, in: query" => "{name: text, in: header";
    keeps "path-parameter-renamed" "a path parameter is renamed":
        "/orders/{order_id}/lines" => "/orders/{id}/lines",
        "      parameters:\n        - {name: order_id," => "      parameters:\n        - {name: id,";
    breaks "type-changed" "a parameter becomes an integer":
        "{name: view, in: query, required: true, description: Which view., schema: {type: string}}" => "{name: view, in: query, required: true, description: Which view., schema: {type: integer}}";
    keeps "type-changed" "an integer parameter becomes wider":
        "schema: {type: integer, format: int32}}" => "schema: {type: integer}}";
    keeps "type-changed" "an integer parameter becomes a string":
        "{name: depth, in: query, required: true, description: How deep., schema: {type: integer, format: int32}}" => "{name: depth, in: query, required: true, description: How deep., schema: {type: string}}";
    keeps "type-changed" "an enum parameter becomes a string":
        "description: Of this color., schema: {$ref: \"#/components/schemas/Color\"}" => "description: Of this color., schema: {type: string}";
    breaks "type-changed" "a time parameter becomes a date":
        "schema: {type: string, format: date-time}" => "schema: {type: string, format: date}";
    breaks "default-changed" "the default of a parameter changes":
        "schema: {type: string, default: any," => "schema: {type: string, default: all,";
    breaks "bounds-changed" "a bound of a parameter is tightened": "maxLength: 50" => "maxLength: 10";
    keeps "parameters-reordered" "required parameters of several types change places":
        "        - {name: view, in: query, required: true, description: Which view., schema: {type: string}}\n" => "",
        "description: How deep., schema: {type: integer, format: int32}}\n" => "description: How deep., schema: {type: integer, format: int32}}\n        - {name: view, in: query, required: true, description: Which view., schema: {type: string}}\n";
    keeps "deprecated" "a parameter becomes deprecated":
        "{name: since, in: query," => "{name: since, in: query, deprecated: true,";

    // Operations.
    keeps "operation-added" "an operation is added":
        "  /items:\n" => "  /items/{name}:\n    delete:\n      operationId: DeleteItem\n      tags: [stock]\n      x-resource: items\n      x-verb: delete\n      parameters: [{name: name, in: path, required: true, description: A name., schema: {type: string}}]\n      responses: {\"204\": {description: Gone.}}\n  /items:\n";
    breaks "operation-removed" "an operation is removed":
        "    delete:\n      operationId: DeleteOrder\n      summary: Delete an order\n      tags: [shop]\n      x-resource: orders\n      x-verb: delete\n      responses:\n        \"204\": {description: Gone.}\n" => "";
    keeps "operation-renamed" "an operation is renamed": "operationId: DeleteOrder" => "operationId: RemoveOrder";
    breaks "path-changed" "an operation moves to another path": "  /orders/{order_id}/lines:" => "  /orders/{order_id}/positions:";
    breaks "method-changed" "an operation takes another method": "    put:\n" => "    patch:\n";
    keeps "operation-moved" "an operation moves to another tag":
        "summary: List lines\n      tags: [shop]" => "summary: List lines\n      tags: [stock]";
    keeps "domain-removed" "the last operation of a tag moves to another one":
        "      tags: [stock]" => "      tags: [shop]";
    keeps "resource-changed" "an operation belongs to another resource": "x-resource: lines" => "x-resource: rows";
    keeps "verb-changed" "an operation gets another verb": "x-verb: replace" => "x-verb: put";
    keeps "verb-changed" "an operation loses its verb": "      x-verb: replace\n" => "";
    keeps "deprecated" "an operation becomes deprecated": "summary: Delete an order" => "deprecated: true\n      summary: Delete an order";
    keeps "preview-changed" "an operation becomes a preview": "summary: Delete an order" => "x-preview: true\n      summary: Delete an order";
    breaks "retry-changed" "an operation is no longer idempotent": "      x-idempotent: true\n" => "";
    breaks "sites-changed" "a site no longer serves an operation":
        "summary: Delete an order" => "x-unavailable-sites: [ddog-gov.com]\n      summary: Delete an order";

    // Bodies and status codes.
    breaks "request-body-added" "a request gets a body":
        "      x-verb: delete\n" => "      x-verb: delete\n      requestBody: {required: true, content: {application/json: {schema: {$ref: \"#/components/schemas/Money\"}}}}\n";
    breaks "request-body-removed" "a request loses its body":
        "      requestBody:\n        required: true\n        content: {application/json: {schema: {$ref: \"#/components/schemas/OrderReplaceRequest\"}}}\n" => "";
    breaks "type-changed" "a request takes another body":
        "content: {application/json: {schema: {$ref: \"#/components/schemas/OrderReplaceRequest\"}}}" => "content: {application/json: {schema: {type: array, items: {$ref: \"#/components/schemas/OrderReplaceRequest\"}}}}";
    keeps "response-body-added" "a response gets a body":
        "\"204\": {description: Gone.}" => "\"200\": {description: Gone., content: {application/json: {schema: {$ref: \"#/components/schemas/Order\"}}}}";
    breaks "response-body-removed" "a response loses its body":
        "          description: The lines.\n          content: {application/json: {schema: {type: array, items: {$ref: \"#/components/schemas/Line\"}}}}" => "          description: The lines.";
    breaks "type-changed" "a list in a response becomes an object":
        "schema: {type: array, items: {$ref: \"#/components/schemas/Line\"}}" => "schema: {$ref: \"#/components/schemas/Line\"}";
    keeps "status-added" "an error is documented": "\"204\": {description: Gone.}" => "\"204\": {description: Gone.}\n        \"409\": {description: In use.}";
    keeps "status-removed" "an error is no longer documented": "        \"404\": {description: No such order.}\n" => "";
    keeps "status-added" "the status code of a success changes": "        \"201\":\n" => "        \"202\":\n";

    // Many items in one request.
    keeps "bulk-added" "an operation declares how it takes many items":
        "      x-verb: create\n" => "      x-verb: create\n      x-bulk: {verb: create_all, items: tags, max_items: 10, max_bytes: 1000}\n";
    breaks "bulk-removed" "an operation no longer declares how it takes many items":
        "      x-bulk: {verb: create_all, items: items, max_items: 100, max_bytes: 100000, rejection_statuses: [409], identified_by: [name]}\n" => "";
    breaks "bulk-changed" "a request takes fewer items": "max_items: 100," => "max_items: 50,";
    keeps "bulk-changed" "a request takes more items": "max_items: 100," => "max_items: 500,";
    breaks "bulk-changed" "a request takes fewer bytes": "max_bytes: 100000," => "max_bytes: 50000,";
    breaks "bulk-changed" "another status code rejects single items": "rejection_statuses: [409]," => "rejection_statuses: [409, 423],",
        "        \"409\": {description: There is one already.}\n" => "        \"409\": {description: There is one already.}\n        \"423\": {description: It is locked.}\n";
    keeps "bulk-changed" "rejected items are identified by another property": "identified_by: [name]" => "identified_by: [stored]";
    keeps "bulk-changed" "the method that takes any number of items gets another name": "verb: create_all," => "verb: add_all,";
    keeps "bulk-changed" "the method that takes any number of items is removed": "verb: create_all, " => "";
    breaks "bulk-changed" "a request has its items in another property":
        "{verb: create_all, items: items," => "{verb: create_all, items: wares,",
        "      required: [items]\n" => "      required: [wares]\n",
        "        items: {type: array, description: The wares.," => "        wares: {type: array, description: The wares.,";
    breaks "type-changed" "a request takes many items of another type":
        "        items: {type: array, description: The wares., items: {$ref: \"#/components/schemas/Ware\"}}" => "        items: {type: array, description: The wares., items: {$ref: \"#/components/schemas/Filter\"}}";

    // Responses by status code, and bodies other than JSON.
    keeps "response-added" "an operation responds with another status code and another body":
        "        \"202\":\n" => "        \"203\": {description: Some of them., content: {application/json: {schema: {type: string}}}}\n        \"202\":\n";
    keeps "responses-changed" "an operation responds with one of two status codes":
        "        \"202\":\n          description: They will be there.\n          content: {application/json: {schema: {$ref: \"#/components/schemas/Job\"}}}\n" => "";
    keeps "response-removed" "an operation responds with two of three status codes":
        "        \"202\":\n          description: They will be there.\n" => "        \"203\":\n          description: They will be there.\n";
    breaks "responses-changed" "an operation responds with a second status code and another body":
        "          description: What was found.\n" => "          description: What was found.\n          content: {application/json: {schema: {$ref: \"#/components/schemas/Found\"}}}\n        \"202\":\n          description: Later.\n",
        "          content: {application/json: {schema: {$ref: \"#/components/schemas/Found\"}}}\ncomponents:" => "          content: {application/json: {schema: {$ref: \"#/components/schemas/Job\"}}}\ncomponents:";
    breaks "response-body-removed" "an operation responds with one of two status codes without a body":
        "          description: They will be there.\n          content: {application/json: {schema: {$ref: \"#/components/schemas/Job\"}}}\n" => "          description: They will be there.\n";
    breaks "type-changed" "the body of one status of two changes":
        "          description: They will be there.\n          content: {application/json: {schema: {$ref: \"#/components/schemas/Job\"}}}\n" => "          description: They will be there.\n          content: {application/json: {schema: {type: string}}}\n";
    breaks "request-body-required" "an optional body becomes required":
        "      requestBody:\n        content: {application/json: {schema: {$ref: \"#/components/schemas/Filter\"}}}" => "      requestBody:\n        required: true\n        content: {application/json: {schema: {$ref: \"#/components/schemas/Filter\"}}}";
    keeps "request-body-optional" "a required body becomes optional":
        "        required: true\n        content: {application/json: {schema: {$ref: \"#/components/schemas/OrderRequest\"}}}" => "        content: {application/json: {schema: {$ref: \"#/components/schemas/OrderRequest\"}}}";
    keeps "request-body-added" "a request gets an optional body":
        "      x-verb: delete\n" => "      x-verb: delete\n      requestBody: {content: {application/json: {schema: {$ref: \"#/components/schemas/Money\"}}}}\n";
    breaks "media-type-changed" "a form becomes a body of parts": "application/x-www-form-urlencoded:" => "multipart/form-data:";
    breaks "media-type-changed" "a JSON body becomes a string":
        "content: {application/json: {schema: {$ref: \"#/components/schemas/OrderRequest\"}}}" => "content: {text/plain: {schema: {type: string}}}";
    breaks "media-type-changed" "a JSON body gets another media type":
        "content: {application/json: {schema: {$ref: \"#/components/schemas/OrderRequest\"}}}" => "content: {application/vnd.api+json: {schema: {$ref: \"#/components/schemas/OrderRequest\"}}}";
    breaks "response-format-changed" "a JSON response becomes a string":
        "content: {application/json: {schema: {$ref: \"#/components/schemas/OrderAnswer\"}}}" => "content: {text/plain: {schema: {type: string}}}";
    breaks "required-parameter-added" "a form gets a required field":
        "              required: [words]\n              properties:\n" => "              required: [words, place]\n              properties:\n                place: {type: string, description: Where.}\n";
    keeps "optional-parameter-added" "a form gets an optional field":
        "                most: {type" => "                place: {type: string, description: Where.}\n                most: {type";
    breaks "parameter-required" "a field of a form becomes required": "              required: [words]\n" => "              required: [words, most]\n";
    breaks "parameter-removed" "a form loses a field": "                most: {type: integer, description: So many at most.}\n" => "";
    breaks "style-changed" "a list in a query gets another style":
        "{name: shelves, in: query," => "{name: shelves, in: query, style: pipeDelimited, explode: false,";
    breaks "parameter-moved" "a parameter moves from a cookie to a header": "{name: visit, in: cookie" => "{name: visit, in: header";
    keeps "alternative-added" "a union with a discriminator gets an alternative":
        "{$ref: \"#/components/schemas/ShelfMatch\"}]" => "{$ref: \"#/components/schemas/ShelfMatch\"}, {$ref: \"#/components/schemas/RoomMatch\"}]",
        "shelf: \"#/components/schemas/ShelfMatch\"}}" => "shelf: \"#/components/schemas/ShelfMatch\", room: \"#/components/schemas/RoomMatch\"}}\n    RoomMatch: {type: object, description: A room., required: [what], properties: {what: {type: string, description: It is a room.}, room: {type: string, description: Its name.}}}";
    keeps "alternative-removed" "a union of a response loses an alternative":
        "{$ref: \"#/components/schemas/WareMatch\"}, {$ref: \"#/components/schemas/ShelfMatch\"}]" => "{$ref: \"#/components/schemas/WareMatch\"}]",
        ", shelf: \"#/components/schemas/ShelfMatch\"}}" => "}}";
    breaks "discriminator-changed" "the values of a discriminator change": "mapping: {ware: " => "mapping: {thing: ";
    breaks "discriminator-changed" "the property of a discriminator changes":
        "discriminator: {propertyName: what, mapping: {ware: \"#/components/schemas/WareMatch\", shelf: \"#/components/schemas/ShelfMatch\"}}" => "discriminator: {propertyName: kind, mapping: {ware: \"#/components/schemas/WareMatch\", shelf: \"#/components/schemas/ShelfMatch\"}}";

    // Servers, credentials and pagination.
    breaks "security-changed" "an operation no longer accepts one of two kinds of credentials":
        "security: [{apiKey: []}, {token: [orders_read]}]" => "security: [{apiKey: []}]";
    keeps "security-changed" "an operation accepts another kind of credentials":
        "      security: [{apiKey: []}]\n" => "      security: [{apiKey: []}, {token: []}]\n";
    keeps "security-changed" "an operation no longer needs credentials":
        "      security: [{apiKey: []}]\n" => "      security: []\n";
    breaks "security-changed" "an operation needs two secrets": "      security: [{apiKey: []}]\n" => "      security: [{apiKey: [], token: []}]\n";
    breaks "scopes-changed" "an operation needs another scope": "[orders_read]" => "[orders_read, orders_write]";
    keeps "scopes-changed" "an operation needs one scope less": "[orders_read]" => "[]";
    breaks "scheme-changed" "a secret is sent in another header": "in: header, name: X-Key" => "in: header, name: X-Api-Key";
    breaks "server-changed" "the server moves": "https://api.example.com" => "https://api.example.org";
    keeps "server-renamed" "the server gets another name": "x-server-name: shop" => "x-server-name: store";
    breaks "pagination-added" "a list becomes a paginated object":
        "      x-verb: list\n      security: [{apiKey: []}]\n" => "      x-verb: list\n      security: [{apiKey: []}]\n      x-pagination: {limitParam: limit, pageOffsetParam: offset, resultsPath: data}\n      parameters: [{name: offset, in: query, description: Skips., schema: {type: integer}}, {name: limit, in: query, description: Takes., schema: {type: integer}}]\n",
        "    Items: {type: array, description: Items., items: {$ref: \"#/components/schemas/Item\"}}" => "    Items: {type: object, description: Items., properties: {data: {type: array, description: Items., items: {$ref: \"#/components/schemas/Item\"}}}}";
    breaks "pagination-removed" "a list is no longer paginated":
        "      x-pagination: {limitParam: limit, pageOffsetParam: offset, resultsPath: data, totalPath: total}\n" => "";
    breaks "pagination-changed" "a list pages by number": "limit, pageOffsetParam: offset" => "limit, pageStart: 1, pageParam: offset";
    breaks "pagination-changed" "a page has fewer items": "schema: {type: integer, maximum: 100}" => "schema: {type: integer, maximum: 50}";
    keeps "pagination-changed" "a list no longer has a total": ", resultsPath: data, totalPath: total}" => ", resultsPath: data}";

    // Documentation.
    keeps "description-changed" "a description changes": "description: How heavy." => "description: How heavy it is.";
    keeps "description-changed" "the description of an operation changes": "summary: List lines" => "summary: Lists lines";
    keeps "example-changed" "an example changes": "example: Lamps" => "example: Books";
    keeps "deprecated" "a field becomes deprecated": "weight: {type: number," => "weight: {type: number, deprecated: true,";
}
