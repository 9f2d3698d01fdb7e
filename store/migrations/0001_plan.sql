CREATE TABLE "aftercare"."absences" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "aftercare"."absences_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"handle" text NOT NULL,
	"from" date NOT NULL,
	"to" date NOT NULL,
	"stand_in" text
);
--> statement-breakpoint
CREATE TABLE "aftercare"."bought_together" (
	"sku" text NOT NULL,
	"other" text NOT NULL,
	"name" text,
	"customers" integer NOT NULL,
	CONSTRAINT "bought_together_sku_other_pk" PRIMARY KEY("sku","other")
);
--> statement-breakpoint
CREATE TABLE "aftercare"."overdue" (
	"party_id" uuid PRIMARY KEY NOT NULL,
	"customer_id" uuid NOT NULL,
	"order_id" uuid NOT NULL,
	"expected_at" timestamp (3) with time zone,
	"every_days" integer,
	"by" text,
	"orders" integer NOT NULL,
	"value" numeric NOT NULL,
	"currency" text NOT NULL,
	"counted_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "aftercare"."parties" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "aftercare"."product_rhythms" (
	"sku" text PRIMARY KEY NOT NULL,
	"days" double precision NOT NULL,
	"customers" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "aftercare"."purchases" (
	"order_id" uuid NOT NULL,
	"line" integer NOT NULL,
	"party_id" uuid NOT NULL,
	"sku" text NOT NULL,
	"name" text,
	"placed_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "purchases_order_id_line_pk" PRIMARY KEY("order_id","line")
);
--> statement-breakpoint
CREATE TABLE "aftercare"."top_fifths" (
	"currency" text PRIMARY KEY NOT NULL,
	"least" numeric NOT NULL
);
--> statement-breakpoint
CREATE TABLE "aftercare"."unknown_salespeople" (
	"key" text PRIMARY KEY NOT NULL,
	"name" text,
	"email" text,
	"last_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "aftercare"."customers" ADD COLUMN "party_id" uuid;--> statement-breakpoint
-- Everybody there is begins as a party of their own.
INSERT INTO "aftercare"."parties" ("id") SELECT "id" FROM "aftercare"."customers";--> statement-breakpoint
UPDATE "aftercare"."customers" SET "party_id" = "id";--> statement-breakpoint
ALTER TABLE "aftercare"."customers" ALTER COLUMN "party_id" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "aftercare"."customers" ADD COLUMN "linked_by" text;--> statement-breakpoint
ALTER TABLE "aftercare"."customers" ADD COLUMN "apart" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "aftercare"."customers" ADD COLUMN "phone_hash" text;--> statement-breakpoint
UPDATE "aftercare"."customers" SET "phone_hash" = encode(sha256("phone"::bytea), 'hex') WHERE "phone" IS NOT NULL;--> statement-breakpoint
ALTER TABLE "aftercare"."customers" ADD COLUMN "email_verified_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "aftercare"."customers" ADD COLUMN "phone_verified_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "aftercare"."customers" ADD COLUMN "refused" text[] DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "aftercare"."customers" ADD COLUMN "paused_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "aftercare"."ledger" ADD COLUMN "party_id" uuid;--> statement-breakpoint
UPDATE "aftercare"."ledger" l SET "party_id" = o."customer_id" FROM "aftercare"."orders" o WHERE o."id" = l."order_id";--> statement-breakpoint
ALTER TABLE "aftercare"."ledger" ALTER COLUMN "party_id" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "aftercare"."ledger" ADD COLUMN "customer_id" uuid;--> statement-breakpoint
UPDATE "aftercare"."ledger" SET "customer_id" = "party_id";--> statement-breakpoint
ALTER TABLE "aftercare"."ledger" ALTER COLUMN "customer_id" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "aftercare"."ledger" ADD COLUMN "purpose" text;--> statement-breakpoint
UPDATE "aftercare"."ledger" SET "purpose" = CASE WHEN "touch" IN ('referral', 'keep-in-touch') THEN 'selling' ELSE 'service' END;--> statement-breakpoint
ALTER TABLE "aftercare"."ledger" ALTER COLUMN "purpose" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "aftercare"."ledger" ADD COLUMN "asks" boolean DEFAULT false NOT NULL;--> statement-breakpoint
UPDATE "aftercare"."ledger" SET "asks" = true WHERE "touch" = 'survey';--> statement-breakpoint
ALTER TABLE "aftercare"."ledger" ADD COLUMN "content" text;--> statement-breakpoint
ALTER TABLE "aftercare"."orders" ADD COLUMN "party_id" uuid;--> statement-breakpoint
UPDATE "aftercare"."orders" SET "party_id" = "customer_id";--> statement-breakpoint
ALTER TABLE "aftercare"."orders" ALTER COLUMN "party_id" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "aftercare"."orders" ADD COLUMN "add_on" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "aftercare"."orders" ADD COLUMN "unknown_salesperson" text;--> statement-breakpoint
ALTER TABLE "aftercare"."orders" ADD COLUMN "brake" text;--> statement-breakpoint
ALTER TABLE "aftercare"."orders" ADD COLUMN "expected_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "aftercare"."settings" ADD COLUMN "country" text;--> statement-breakpoint
ALTER TABLE "aftercare"."settings" ADD COLUMN "region" text;--> statement-breakpoint
ALTER TABLE "aftercare"."settings" ADD COLUMN "week" jsonb DEFAULT '[{"from":540,"to":1020},{"from":540,"to":1020},{"from":540,"to":1020},{"from":540,"to":1020},{"from":540,"to":1020},null,null]'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "aftercare"."settings" ADD COLUMN "quiet" jsonb DEFAULT '{"mail":{"from":480,"to":1200},"call":{"from":540,"to":1200}}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "aftercare"."settings" ADD COLUMN "policy" jsonb DEFAULT '{"caps":[{"mails":1,"days":3},{"mails":4,"days":30}],"surveyEvery":90}'::jsonb NOT NULL;--> statement-breakpoint
ALTER TABLE "aftercare"."settings" ADD COLUMN "tasks_per_day" integer DEFAULT 30;--> statement-breakpoint
ALTER TABLE "aftercare"."settings" ADD COLUMN "paused_until" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "aftercare"."settings" ADD COLUMN "paused_why" text;--> statement-breakpoint
ALTER TABLE "aftercare"."staff" ADD COLUMN "team" text;--> statement-breakpoint
ALTER TABLE "aftercare"."staff" ADD COLUMN "zone" text;--> statement-breakpoint
ALTER TABLE "aftercare"."staff" ADD COLUMN "week" jsonb;--> statement-breakpoint
ALTER TABLE "aftercare"."staff" ADD COLUMN "tasks_per_day" integer;--> statement-breakpoint
ALTER TABLE "aftercare"."staff" ADD COLUMN "left_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "aftercare"."staff" ADD COLUMN "successor" text;--> statement-breakpoint
ALTER TABLE "aftercare"."tasks" ADD COLUMN "instead_of" text;--> statement-breakpoint
ALTER TABLE "aftercare"."tasks" ADD COLUMN "instead_why" text;--> statement-breakpoint
ALTER TABLE "aftercare"."tokens" ADD COLUMN "customer_id" uuid;--> statement-breakpoint
ALTER TABLE "aftercare"."absences" ADD CONSTRAINT "absences_handle_staff_handle_fk" FOREIGN KEY ("handle") REFERENCES "aftercare"."staff"("handle") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."absences" ADD CONSTRAINT "absences_stand_in_staff_handle_fk" FOREIGN KEY ("stand_in") REFERENCES "aftercare"."staff"("handle") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."purchases" ADD CONSTRAINT "purchases_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "aftercare"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."purchases" ADD CONSTRAINT "purchases_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "aftercare"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "absences_handle" ON "aftercare"."absences" USING btree ("handle","to");--> statement-breakpoint
CREATE INDEX "overdue_list" ON "aftercare"."overdue" USING btree ("currency","value","party_id") WHERE expected_at <= counted_at;--> statement-breakpoint
CREATE INDEX "purchases_party" ON "aftercare"."purchases" USING btree ("party_id","sku");--> statement-breakpoint
CREATE INDEX "purchases_sku" ON "aftercare"."purchases" USING btree ("sku","party_id");--> statement-breakpoint
ALTER TABLE "aftercare"."customers" ADD CONSTRAINT "customers_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "aftercare"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."ledger" ADD CONSTRAINT "ledger_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "aftercare"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."ledger" ADD CONSTRAINT "ledger_customer_id_customers_id_fk" FOREIGN KEY ("customer_id") REFERENCES "aftercare"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."orders" ADD CONSTRAINT "orders_party_id_parties_id_fk" FOREIGN KEY ("party_id") REFERENCES "aftercare"."parties"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."tokens" ADD CONSTRAINT "tokens_customer_id_customers_id_fk" FOREIGN KEY ("customer_id") REFERENCES "aftercare"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "customers_phone_hash" ON "aftercare"."customers" USING btree ("phone_hash");--> statement-breakpoint
CREATE INDEX "customers_party" ON "aftercare"."customers" USING btree ("party_id");--> statement-breakpoint
CREATE INDEX "customers_company" ON "aftercare"."customers" USING btree ("source","company_id");--> statement-breakpoint
CREATE INDEX "events_not_made" ON "aftercare"."events" USING btree ("at","what") WHERE what in ('skipped', 'put-off', 'spilled', 'task-joined', 'task-cancelled');--> statement-breakpoint
CREATE INDEX "events_adopted" ON "aftercare"."events" USING btree (((data->>'until')::bigint)) WHERE what = 'adopted';--> statement-breakpoint
CREATE INDEX "ledger_party" ON "aftercare"."ledger" USING btree ("party_id","claimed_at");--> statement-breakpoint
CREATE INDEX "ledger_content" ON "aftercare"."ledger" USING btree ("party_id","content") WHERE content is not null;--> statement-breakpoint
CREATE INDEX "orders_party" ON "aftercare"."orders" USING btree ("party_id","placed_at","source","number");--> statement-breakpoint
CREATE INDEX "orders_braked" ON "aftercare"."orders" USING btree ("brake") WHERE brake is not null;--> statement-breakpoint
CREATE INDEX "orders_owner" ON "aftercare"."orders" USING btree ("owner") WHERE stage not in ('history', 'ended');--> statement-breakpoint
CREATE INDEX "orders_unknown_salesperson" ON "aftercare"."orders" USING btree ("unknown_salesperson") WHERE unknown_salesperson is not null;--> statement-breakpoint
INSERT INTO "aftercare"."purchases" ("order_id", "line", "party_id", "sku", "name", "placed_at")
SELECT o."id", line.nth, o."party_id", line.value->>'sku', line.value->>'name', o."placed_at"
FROM "aftercare"."orders" o, jsonb_array_elements(o."lines") WITH ORDINALITY line(value, nth) WHERE line.value->>'sku' IS NOT NULL;
