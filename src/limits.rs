//! How much of anything may come in. Every text, list and number that somebody sends has a bound, here or in the transports (`graphql::wire::bounds`),
//! and is held to it before anything is done with it.
//!
//! `docs/limits.md` is made from this file. A test goes over every argument of the schema: what is neither an id, an enum nor a truth value must be named by
//! a limit.

/// A bound, as the docs tell of it.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    pub name: &'static str,
    /// What is counted.
    pub unit: &'static str,
    pub value: u64,
    pub meaning: &'static str,
    /// Arguments and members of inputs that it holds for, as `Type.field` or `Type.field(argument)`.
    pub holds_for: &'static [&'static str],
}

macro_rules! limits {
    ($($(#[doc = $meaning:literal])+ $name:ident: $unit:literal = $value:expr, [$($place:literal),* $(,)?];)+) => {
        $($(#[doc = $meaning])+ pub const $name: usize = $value;)+

        /// All of them, in the order of the docs.
        pub const ALL: &[Limit] = &[$(Limit {
            name: stringify!($name),
            unit: $unit,
            value: $name as u64,
            meaning: concat!($($meaning),+).trim_ascii(),
            holds_for: &[$($place),*],
        }),+];
    };
}

limits! {
    /// Given and family name of a person, each.
    PERSON_NAME: "characters" = 60, [
        "InviteUserInput.givenName", "InviteUserInput.familyName", "ClassicAddUserInput.givenName", "ClassicAddUserInput.familyName", "UpdateUserInput.givenName", "UpdateUserInput.familyName",
        "AcceptInvitationInput.givenName", "AcceptInvitationInput.familyName", "UpdateViewerProfileInput.givenName", "UpdateViewerProfileInput.familyName",
    ];
    /// An e-mail address (RFC 5321, section 4.5.3.1.3).
    EMAIL: "bytes" = 254, ["InviteUserInput.email", "InviteRecipientsInput.emails", "ClassicAddUserInput.email", "UsageRecordInput.email", "RequestEmailChangeInput.email"];
    /// The part before the @ (RFC 5321, section 4.5.3.1.1).
    EMAIL_LOCAL_PART: "bytes" = 64, [];
    /// A language tag (RFC 5646, section 4.4.1).
    LOCALE: "characters" = 35, ["InviteUserInput.locale", "UpdateUserInput.locale", "UpdateAccountInput.defaultLocale", "UpdateViewerProfileInput.locale"];
    /// A password.
    PASSWORD: "characters" = 128, ["AcceptInvitationInput.password"];
    /// A credential that somebody shows: an access token, an API token, the token of an invitation or of a new password.
    TOKEN: "bytes" = 4_096, ["AcceptInvitationInput.token", "PreviewInvitationInput.token", "ConfirmEmailChangeInput.token"];
    /// The personal words of an invitation.
    MESSAGE: "characters" = 500, ["InviteUserInput.message", "InviteUsersInput.message", "SendInvitationsInput.message"];
    /// People invited at once; also entries of a pasted list. More go through an import.
    INVITED_AT_ONCE: "people" = 200, ["InviteRecipientsInput.list", "InviteRecipientsInput.emails"];
    /// People added at once in the classic view; with more nobody is added.
    ADDED_AT_ONCE_IN_THE_CLASSIC_VIEW: "people" = 50, ["ClassicBulkAddUsersInput.list"];
    /// Seats given with an invitation.
    SUBSCRIPTIONS_OF_AN_INVITATION: "subscriptions" = 100, [
        "InviteUserInput.subscriptionIds", "InviteUsersInput.subscriptionIds", "ClassicAddUserInput.productIds", "ClassicBulkAddUsersInput.productIds",
    ];
    /// Users, seats, sources of seats or sessions named in one call. More go through an import.
    NAMED_AT_ONCE: "ids" = 100, [
        "UserIdsInput.userIds", "AssignSeatsInput.userIds", "AssignSeatsInput.componentIds", "UnassignSeatsInput.assignmentIds",
        "UnassignSeatsInput.userIds", "CustomizeAssignmentInput.componentIds", "LeaveWaitlistInput.entryIds", "ReclaimSeatsInput.assignmentIds",
        "RevokeSessionsInput.sessionIds", "MarkNotificationsReadInput.notificationIds", "ApproveAccessRequestsInput.requestIds", "DeclineAccessRequestsInput.requestIds", "StartImportInput.sources", "StartImportInput.componentIds", "SendInvitationsInput.userIds",
        "CreateGroupInput.memberIds", "GroupMembersInput.userIds",
    ];
    /// Name of a group.
    GROUP_NAME: "characters" = 100, ["CreateGroupInput.name", "UpdateGroupInput.name", "GroupFilter.search"];
    /// What a group is for.
    GROUP_DESCRIPTION: "characters" = 500, ["CreateGroupInput.description", "UpdateGroupInput.description"];
    /// Groups of an account.
    GROUPS: "groups" = 500, [];
    /// Members of a group.
    GROUP_MEMBERS: "users" = 5_000, [];
    /// Subscriptions of a group.
    GROUP_SUBSCRIPTIONS: "subscriptions" = 20, ["SetGroupSubscriptionsInput.subscriptionIds"];
    /// Seats that one transaction moves: people, times what each of them is given or gives back.
    SEATS_AT_ONCE: "seats" = 10_000, [];
    /// Groups that people are put into by one call, or by one row of a file.
    GROUPS_AT_ONCE: "groups" = 20, ["InviteUserInput.groupIds", "InviteUsersInput.groupIds", "JitSettingsInput.defaultGroupIds"];
    /// People who match a filter for whom something is done by one job.
    MATCHED_AT_ONCE: "people" = 5_000, [];
    /// Products and subscriptions of which seats are given in one call, to each of the users.
    SOURCES_AT_ONCE: "sources" = 20, ["AssignSeatsInput.sources"];
    /// For how long somebody whose seat is reclaimed was idle.
    IDLE_DAYS: "days" = 3_650, ["Account.reclaimableSeats(idleDays)", "ReclaimSeatsInput.idleDays", "UpdateAccountInput.reclaimIdleDays"];
    /// For how long the link of an invitation is good.
    INVITATION_DAYS: "days" = 365, ["UpdateAccountInput.invitationLifetimeDays"];
    /// For how long access goes on after a term.
    GRACE_DAYS: "days" = 90, ["UpdateAccountInput.graceDays"];
    /// Name of an account.
    ACCOUNT_NAME: "characters" = 100, ["UpdateAccountInput.name"];
    /// Domains to which an account keeps its invitations.
    INVITE_DOMAINS: "domains" = 100, ["UpdateAccountInput.allowedInviteDomains"];
    /// Contracts of an account.
    CONTRACTS: "contracts" = 500, [];
    /// Subscriptions of an account.
    SUBSCRIPTIONS: "subscriptions" = 1_000, [];
    /// Seats of a subscription.
    SEATS: "seats" = 1_000_000, ["CreateSubscriptionInput.seats", "UpdateSubscriptionInput.seats"];
    /// Number of a contract.
    CONTRACT_NUMBER: "characters" = 100, ["CreateContractInput.number", "UpdateContractInput.number"];
    /// Who bought, and through whom.
    CONTRACT_PARTY: "characters" = 200, [
        "CreateContractInput.purchaserName", "CreateContractInput.resellerName", "UpdateContractInput.purchaserName", "UpdateContractInput.resellerName",
    ];
    /// By how much a renewal moves the last day.
    RENEWAL_MONTHS: "months" = 120, ["CreateContractInput.renewalMonths", "UpdateContractInput.renewalMonths"];
    /// Days of a report.
    REPORT_DAYS: "days" = 400, ["UsagePeriodInput.from", "UsagePeriodInput.to"];
    /// Products a report is narrowed to.
    REPORT_PRODUCTS: "products" = 100, ["UsageReportInput.productIds"];
    /// Points of the series of a report.
    REPORT_POINTS: "points" = 2_000, [];
    /// Records of usage in one call.
    RECORDS_AT_ONCE: "records" = 1_000, ["RecordUsageInput.records"];
    /// Records of one person, product and day; those of a larger number are sent as their sum.
    RECORDS_OF_A_DAY: "records" = 500, [];
    /// Minutes of one record: those of a day.
    RECORD_MINUTES: "minutes" = 1_440, ["UsageRecordInput.minutes"];
    /// Launches of one record.
    RECORD_LAUNCHES: "launches" = 10_000, ["UsageRecordInput.launches"];
    /// Cloud credits of one record.
    RECORD_CREDITS: "credits" = 1_000_000, ["UsageRecordInput.credits"];
    /// Credits granted at once, or added or taken by an adjustment.
    CREDITS_AT_ONCE: "credits" = 1_000_000_000, [];
    /// Grants of which something is left and that have not lapsed, of one account.
    OPEN_CREDIT_LOTS: "grants" = 1_000, [];
    /// What the seller says of a grant or an adjustment.
    CREDIT_NOTE: "characters" = 500, [];
    /// What the seller knows a grant or an adjustment by.
    CREDIT_REFERENCE: "bytes" = 200, [];
    /// Percentages of its credits at which an account is told that they are gone, each 1 to 100.
    CREDIT_NOTICES: "percentages" = 5, ["UpdateCreditSettingsInput.noticePercents"];
    /// What tells a record from others of the same person, product and day.
    RECORD_KEY: "bytes" = 200, ["UsageRecordInput.key"];
    /// Code or name of a product; what has none is longer.
    PRODUCT_WORD: "bytes" = 254, ["UsageRecordInput.productCode"];
    /// Invitations named in one call, each of which sends a mail.
    INVITATIONS_AT_ONCE: "ids" = 50, ["InvitationIdsInput.invitationIds"];
    /// Objects fetched by their ids at once.
    NODES: "ids" = 100, ["Query.nodes(ids)"];
    /// A page of a list.
    PAGE: "rows" = graphql::LONGEST_PAGE as usize, ["*(first)", "*(last)"];
    /// A cursor.
    CURSOR: "bytes" = 16 * 1024, ["*(after)", "*(before)"];
    /// Different words of a search.
    SEARCH_WORDS: "words" = 8, ["UserFilter.search", "AssignmentFilter.search", "UsageRowFilter.search"];
    /// One word of a search; a search for a product as a whole.
    SEARCH_WORD: "characters" = 100, ["UserFilter.search", "AssignmentFilter.search", "ProductFilter.search", "UsageRowFilter.search"];
    /// What an address, or a part of one, is compared with.
    COMPARED: "characters" = 254, ["StringFilter.eq", "StringFilter.in", "StringFilter.contains", "StringFilter.startsWith"];
    /// Values that one thing is compared with.
    ALTERNATIVES: "items" = 200, [
        "StringFilter.in", "UserFilter.role", "UserFilter.status", "UserFilter.origin", "UserFilter.invitationStatus", "UserFilter.invitationDelivery", "AssignmentFilter.source", "AssignmentFilter.userStatus", "ProductFilter.kind",
        "ProductSubscriptionFilter.status", "ContractFilter.status", "GroupFilter.source", "AuditEventFilter.action", "AuditEventFilter.actorKind", "AuditEventFilter.outcome", "CreditEntryFilter.kind", "ImportRowFilter.status", "ImportRowFilter.undo", "BulkJobItemFilter.outcome", "InvitationFilter.status", "InvitationFilter.delivery", "NotificationFilter.kind", "AccessRequestFilter.status", "NotificationPreferenceInput.channels", "StartExportInput.columnSets",
    ];
    /// The last year of a time or a day; the first is the year 1.
    LAST_YEAR: "as the year" = 9_999, [
        "DateTimeRange.from", "DateTimeRange.to", "UsageRecordInput.day", "UserFilter.notSignedInSince", "ProductSubscriptionFilter.endsBefore", "AssignSeatsInput.expiresOn", "CustomizeAssignmentInput.expiresOn", "StartImportInput.expiresOn",
        "CreateApiTokenInput.expiresAt", "MarkNotificationsReadInput.before",
        "CreateIdentityProviderInput.secretExpiresAt", "UpdateIdentityProviderInput.secretExpiresAt",
        "CreateContractInput.startsOn", "CreateContractInput.endsOn", "UpdateContractInput.startsOn", "UpdateContractInput.endsOn", "RenewContractInput.endsOn", "TerminateContractInput.on",
        "CreateSubscriptionInput.startsOn", "CreateSubscriptionInput.endsOn", "UpdateSubscriptionInput.endsOn",
    ];
    /// A key that makes a call safe to repeat.
    IDEMPOTENCY_KEY: "bytes" = 200, [
        "InviteUserInput.idempotencyKey", "InviteUsersInput.idempotencyKey", "ClassicAddUserInput.idempotencyKey", "ClassicBulkAddUsersInput.idempotencyKey", "AssignSeatsInput.idempotencyKey", "StartImportInput.idempotencyKey",
        "CreateIdentityProviderInput.idempotencyKey", "CreateGroupInput.idempotencyKey", "StartExportInput.idempotencyKey", "RecordUsageInput.idempotencyKey", "CreateSubscriptionInput.idempotencyKey",
    ];
    /// Versions and sequences: what an `Int` of GraphQL can hold (section 3.5.1).
    COUNTER: "at most" = i32::MAX as usize, [
        "UpdateUserInput.expectedVersion", "UpdateViewerProfileInput.expectedVersion", "UpdateIdentityProviderInput.expectedVersion", "CustomizeAssignmentInput.expectedVersion", "UpdateAccountInput.expectedVersion", "UpdateGroupInput.expectedVersion", "SetGroupSubscriptionsInput.expectedVersion",
        "UpdateContractInput.expectedVersion", "RenewContractInput.expectedVersion", "TerminateContractInput.expectedVersion", "UpdateSubscriptionInput.expectedVersion",
        "MoveWaitlistEntryInput.position", "UpdateAccountInput.seatNoticePercent", "Query.importEvents(afterSequence)", "Query.bulkJobEvents(afterSequence)", "Subscription.bulkJobProgress(afterSequence)",
        "Subscription.importProgress(afterSequence)",
    ];
    /// For how long the audit log is kept; at least 90 days.
    AUDIT_KEPT_DAYS: "days" = 3_650, ["UpdateAccountInput.auditKeptDays"];
    /// An action of the audit log, or the word it begins with.
    AUDIT_ACTION: "characters" = 100, ["AuditEventFilter.action"];
    /// An address of a network (RFC 4291, section 2.2).
    IP_ADDRESS: "characters" = 45, ["AuditEventFilter.ipAddress"];
    /// Name of an API token.
    API_TOKEN_NAME: "characters" = 60, ["CreateApiTokenInput.name"];
    /// Scopes of an API token as sent; named twice is named once.
    API_TOKEN_SCOPES: "scopes" = 200, ["CreateApiTokenInput.scopes"];
    /// Name of an uploaded file.
    FILENAME: "characters" = 200, ["CreateUploadInput.filename"];
    /// An uploaded file.
    FILE: "bytes" = 5 * 1024 * 1024, ["CreateUploadInput.byteSize"];
    /// What a file is said to be; only what browsers call a CSV file is taken.
    FILE_TYPE: "bytes" = 255, ["CreateUploadInput.contentType"];
    /// A SHA-256 in base64: anything else is refused as it is.
    FILE_CLAIMS: "bytes" = 44, ["CreateUploadInput.sha256"];
    /// Rows of a file, header and blank lines aside.
    FILE_ROWS: "rows" = 5_000, [];
    /// Columns of a file.
    FILE_COLUMNS: "columns" = 64, ["StartImportInput.columnMapping", "ImportColumnReferenceInput.number"];
    /// One cell of a file.
    FILE_CELL: "bytes" = 4 * 1024, ["ImportColumnReferenceInput.header"];
    /// One record of a file, quotes and delimiters included.
    FILE_RECORD: "bytes" = 64 * 1024, [];
    /// The customer's own number of a person.
    EXTERNAL_ID: "characters" = 255, [];
    /// Products named in one row.
    FILE_PRODUCTS: "products" = 100, [];
    /// Unread notifications are counted up to so many; more are told as this.
    UNREAD_COUNTED: "notifications" = 1_000, [];
    /// Kinds of notifications whose ways are chosen in one call.
    PREFERENCES_AT_ONCE: "kinds" = 50, ["UpdateNotificationPreferencesInput.preferences"];
    /// What somebody says about a request for a product, and what they are told about it.
    ACCESS_REQUEST_NOTE: "characters" = 500, ["RequestAccessInput.note", "ApproveAccessRequestsInput.answer", "DeclineAccessRequestsInput.answer"];
    /// Requests for products that one person has open at once.
    OPEN_ACCESS_REQUESTS: "requests" = 10, [];
    /// Requests for products that one person makes in 24 hours.
    ACCESS_REQUESTS_A_DAY: "requests" = 20, [];
    /// What a request for support is about.
    SUPPORT_SUBJECT: "characters" = 150, ["ContactSupportInput.subject"];
    /// What a request for support says.
    SUPPORT_BODY: "characters" = 5_000, ["ContactSupportInput.body"];
    /// Requests for support of one person in 24 hours.
    SUPPORT_REQUESTS_A_DAY: "mails" = 5, [];
    /// Links to new addresses that are sent for one person in 24 hours.
    EMAIL_CHANGES_A_DAY: "mails" = 5, [];
    /// Exports that an account starts in 24 hours.
    EXPORTS_A_DAY: "exports" = 100, [];
    /// Domain name, less the label that is put before it.
    DOMAIN: "bytes" = 235, ["ClaimDomainInput.name"];
    /// Name of an identity provider.
    PROVIDER_NAME: "characters" = 100, ["CreateIdentityProviderInput.name", "UpdateIdentityProviderInput.name"];
    /// Address of an identity provider.
    ISSUER: "bytes" = 500, ["CreateIdentityProviderInput.issuer"];
    /// What an identity provider knows us by.
    CLIENT_ID: "bytes" = 500, ["CreateIdentityProviderInput.clientId", "UpdateIdentityProviderInput.clientId"];
    /// What we prove ourselves with to an identity provider.
    CLIENT_SECRET: "bytes" = 2_000, ["CreateIdentityProviderInput.clientSecret", "UpdateIdentityProviderInput.clientSecret"];
    /// Scopes asked of an identity provider.
    SCOPES: "scopes" = 20, ["CreateIdentityProviderInput.scopes", "UpdateIdentityProviderInput.scopes"];
    /// One scope.
    SCOPE: "bytes" = 200, ["CreateIdentityProviderInput.scopes", "UpdateIdentityProviderInput.scopes"];
    /// Name of a claim.
    CLAIM_NAME: "bytes" = 100, ["ClaimMappingInput.email", "ClaimMappingInput.givenName", "ClaimMappingInput.familyName", "ClaimMappingInput.groups"];
    /// Domains of an identity provider, and subscriptions named for those it adds.
    PROVIDER_IDS: "ids" = 100, [
        "CreateIdentityProviderInput.domainIds", "UpdateIdentityProviderInput.domainIds", "JitSettingsInput.defaultSubscriptionIds",
    ];
    /// What an identity provider names somebody by: subject, session.
    SUBJECT: "bytes" = 255, [];
    /// An address in an identity provider's documents.
    PROVIDER_ADDRESS: "bytes" = 2_000, [];
    /// Keys of an identity provider that are looked at.
    PROVIDER_KEYS: "keys" = 100, [];
    /// A logout token.
    LOGOUT_TOKEN: "bytes" = 16 * 1024, [];
    /// Where a sign-in leads back to.
    RETURN_TO: "bytes" = 512, [];
    /// A body sent to `/auth/*`.
    AUTH_BODY: "bytes" = 8 * 1024, [];
    /// `User-Agent` as it is kept of a session; the rest is cut off.
    USER_AGENT: "characters" = 256, [];
    /// `X-Request-Id`; a longer one is replaced.
    REQUEST_ID: "bytes" = 64, [];
}
