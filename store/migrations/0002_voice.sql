CREATE TABLE "aftercare"."complaints" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"order_id" uuid NOT NULL,
	"number" integer NOT NULL,
	"customer_id" uuid NOT NULL,
	"owner" text NOT NULL,
	"opened_at" timestamp (3) with time zone NOT NULL,
	"promised_at" timestamp (3) with time zone NOT NULL,
	"step" text,
	"due_at" timestamp (3) with time zone,
	"escalations" integer DEFAULT 0 NOT NULL,
	"wants" text,
	"remedy" text,
	"cause" text,
	"closed_at" timestamp (3) with time zone,
	"closed_why" text,
	CONSTRAINT "complaints_order" UNIQUE("order_id","number")
);
--> statement-breakpoint
CREATE TABLE "aftercare"."improvements" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"by" text,
	"order_id" uuid,
	"customer_id" uuid,
	"cause" text,
	"text" text NOT NULL,
	"settled_at" timestamp (3) with time zone,
	"settled_by" text,
	"result" text
);
--> statement-breakpoint
CREATE TABLE "aftercare"."inbound_mails" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"message_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"kind" text NOT NULL,
	"order_id" uuid,
	"touch" text,
	"customer_id" uuid,
	"from" text,
	"subject" text,
	"text" text,
	"settled_at" timestamp (3) with time zone,
	CONSTRAINT "inbound_mails_message" UNIQUE("message_id")
);
--> statement-breakpoint
CREATE TABLE "aftercare"."referral_leads" (
	"address_hash" text NOT NULL,
	"referrer_id" uuid NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "referral_leads_address_hash_referrer_id_pk" PRIMARY KEY("address_hash","referrer_id")
);
--> statement-breakpoint
CREATE TABLE "aftercare"."referrals" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"referrer_id" uuid NOT NULL,
	"thanks_order_id" uuid NOT NULL,
	"order_id" uuid NOT NULL,
	"state" text NOT NULL,
	"why" text,
	"at" timestamp (3) with time zone NOT NULL,
	"earned_at" timestamp (3) with time zone,
	"reward" text DEFAULT '' NOT NULL,
	"reward_due_at" timestamp (3) with time zone,
	"given_at" timestamp (3) with time zone,
	"given_by" text,
	CONSTRAINT "referrals_order" UNIQUE("order_id")
);
--> statement-breakpoint
CREATE TABLE "aftercare"."returns" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"receipt" text NOT NULL,
	"order_id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"what" text NOT NULL,
	"why" text,
	"asked_at" timestamp (3) with time zone NOT NULL,
	"deadline" timestamp (3) with time zone NOT NULL,
	"received_at" timestamp (3) with time zone,
	"settled_at" timestamp (3) with time zone,
	"settled_as" text,
	"note" text,
	CONSTRAINT "returns_receipt" UNIQUE("receipt")
);
--> statement-breakpoint
ALTER TABLE "aftercare"."answers" ADD COLUMN "survey" text;--> statement-breakpoint
-- There was one survey before.
UPDATE "aftercare"."answers" SET "survey" = 'nps';--> statement-breakpoint
ALTER TABLE "aftercare"."answers" ALTER COLUMN "survey" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "aftercare"."answers" DROP CONSTRAINT "answers_pkey";--> statement-breakpoint
ALTER TABLE "aftercare"."answers" ADD CONSTRAINT "answers_order_id_survey_pk" PRIMARY KEY("order_id","survey");--> statement-breakpoint
ALTER TABLE "aftercare"."answers" ADD COLUMN "csat" integer;--> statement-breakpoint
ALTER TABLE "aftercare"."answers" ADD COLUMN "own" jsonb DEFAULT '{}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "aftercare"."answers" ADD COLUMN "taken_by" text;--> statement-breakpoint
ALTER TABLE "aftercare"."answers" ADD COLUMN "finished_at" timestamp (3) with time zone;--> statement-breakpoint
UPDATE "aftercare"."answers" SET "finished_at" = "at";--> statement-breakpoint
ALTER TABLE "aftercare"."ledger" ADD COLUMN "address_hash" text;--> statement-breakpoint
ALTER TABLE "aftercare"."ledger" ADD COLUMN "bounced_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "aftercare"."outbox" ADD COLUMN "complaint_id" uuid;--> statement-breakpoint
ALTER TABLE "aftercare"."settings" ADD COLUMN "manager" text;--> statement-breakpoint
ALTER TABLE "aftercare"."settings" ADD COLUMN "review_url" text;--> statement-breakpoint
ALTER TABLE "aftercare"."settings" ADD COLUMN "reward" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "aftercare"."staff" ADD COLUMN "role" text DEFAULT 'salesperson' NOT NULL;--> statement-breakpoint
ALTER TABLE "aftercare"."staff" ADD COLUMN "manager" text;--> statement-breakpoint
ALTER TABLE "aftercare"."tokens" ADD COLUMN "survey" text;--> statement-breakpoint
ALTER TABLE "aftercare"."complaints" ADD CONSTRAINT "complaints_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "aftercare"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."complaints" ADD CONSTRAINT "complaints_customer_id_customers_id_fk" FOREIGN KEY ("customer_id") REFERENCES "aftercare"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."complaints" ADD CONSTRAINT "complaints_owner_staff_handle_fk" FOREIGN KEY ("owner") REFERENCES "aftercare"."staff"("handle") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."improvements" ADD CONSTRAINT "improvements_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "aftercare"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."improvements" ADD CONSTRAINT "improvements_customer_id_customers_id_fk" FOREIGN KEY ("customer_id") REFERENCES "aftercare"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."inbound_mails" ADD CONSTRAINT "inbound_mails_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "aftercare"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."inbound_mails" ADD CONSTRAINT "inbound_mails_customer_id_customers_id_fk" FOREIGN KEY ("customer_id") REFERENCES "aftercare"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."referral_leads" ADD CONSTRAINT "referral_leads_referrer_id_customers_id_fk" FOREIGN KEY ("referrer_id") REFERENCES "aftercare"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."referrals" ADD CONSTRAINT "referrals_referrer_id_customers_id_fk" FOREIGN KEY ("referrer_id") REFERENCES "aftercare"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."referrals" ADD CONSTRAINT "referrals_thanks_order_id_orders_id_fk" FOREIGN KEY ("thanks_order_id") REFERENCES "aftercare"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."referrals" ADD CONSTRAINT "referrals_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "aftercare"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."returns" ADD CONSTRAINT "returns_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "aftercare"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."returns" ADD CONSTRAINT "returns_customer_id_customers_id_fk" FOREIGN KEY ("customer_id") REFERENCES "aftercare"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "complaints_open" ON "aftercare"."complaints" USING btree ("due_at","id") WHERE closed_at is null;--> statement-breakpoint
CREATE INDEX "complaints_closed" ON "aftercare"."complaints" USING btree ("closed_at","id") WHERE closed_at is not null;--> statement-breakpoint
CREATE INDEX "complaints_cause" ON "aftercare"."complaints" USING btree (lower("cause"),"opened_at") WHERE cause is not null;--> statement-breakpoint
CREATE INDEX "improvements_open" ON "aftercare"."improvements" USING btree ("at","id") WHERE settled_at is null;--> statement-breakpoint
CREATE INDEX "improvements_settled" ON "aftercare"."improvements" USING btree ("settled_at","id") WHERE settled_at is not null;--> statement-breakpoint
CREATE INDEX "improvements_order" ON "aftercare"."improvements" USING btree ("order_id") WHERE order_id is not null;--> statement-breakpoint
CREATE INDEX "improvements_customer" ON "aftercare"."improvements" USING btree ("customer_id") WHERE customer_id is not null;--> statement-breakpoint
CREATE INDEX "inbound_mails_list" ON "aftercare"."inbound_mails" USING btree ("at","id");--> statement-breakpoint
CREATE INDEX "inbound_mails_order" ON "aftercare"."inbound_mails" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "inbound_mails_customer" ON "aftercare"."inbound_mails" USING btree ("customer_id");--> statement-breakpoint
CREATE INDEX "inbound_mails_from" ON "aftercare"."inbound_mails" USING btree (lower("from"));--> statement-breakpoint
CREATE INDEX "inbound_mails_unsettled" ON "aftercare"."inbound_mails" USING btree ("at","id") WHERE kind = 'unknown' and settled_at is null;--> statement-breakpoint
CREATE INDEX "referrals_referrer" ON "aftercare"."referrals" USING btree ("referrer_id","at");--> statement-breakpoint
CREATE INDEX "referrals_list" ON "aftercare"."referrals" USING btree ("at","id");--> statement-breakpoint
CREATE INDEX "referrals_state" ON "aftercare"."referrals" USING btree ("state","at","id");--> statement-breakpoint
CREATE INDEX "referrals_owed" ON "aftercare"."referrals" USING btree ("reward_due_at") WHERE reward_due_at is not null and given_at is null;--> statement-breakpoint
CREATE INDEX "returns_order" ON "aftercare"."returns" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "returns_open" ON "aftercare"."returns" USING btree ("asked_at","id") WHERE settled_at is null;--> statement-breakpoint
CREATE INDEX "returns_settled" ON "aftercare"."returns" USING btree ("settled_at","id") WHERE settled_at is not null;--> statement-breakpoint
ALTER TABLE "aftercare"."outbox" ADD CONSTRAINT "outbox_complaint_id_complaints_id_fk" FOREIGN KEY ("complaint_id") REFERENCES "aftercare"."complaints"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "answers_quotes" ON "aftercare"."answers" USING btree ("at","order_id") WHERE benefit is not null or better is not null;--> statement-breakpoint
CREATE INDEX "ledger_message" ON "aftercare"."ledger" USING btree ("message_id");