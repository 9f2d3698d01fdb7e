CREATE SCHEMA IF NOT EXISTS "aftercare";
--> statement-breakpoint
CREATE TABLE "aftercare"."answers" (
	"order_id" uuid PRIMARY KEY NOT NULL,
	"nps" integer,
	"benefit" text,
	"better" text,
	"way" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "aftercare"."caught_mails" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "aftercare"."caught_mails_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamp (3) with time zone NOT NULL,
	"to" text NOT NULL,
	"subject" text NOT NULL,
	"raw" text NOT NULL
);
--> statement-breakpoint
CREATE TABLE "aftercare"."customers" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"source" text NOT NULL,
	"external_id" text NOT NULL,
	"name" text,
	"email" text,
	"email_hash" text,
	"phone" text,
	"phone_wrong" boolean DEFAULT false NOT NULL,
	"company_id" text,
	"company_name" text,
	"role" text,
	"time_zone" text,
	"locale" text,
	"country" text,
	"service" boolean NOT NULL,
	"selling" boolean NOT NULL,
	"preferences" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"marks" text[] DEFAULT '{}' NOT NULL,
	"referral_code" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"erased_at" timestamp (3) with time zone,
	CONSTRAINT "customers_referralCode_unique" UNIQUE("referral_code"),
	CONSTRAINT "customers_source_external_id" UNIQUE("source","external_id")
);
--> statement-breakpoint
CREATE TABLE "aftercare"."early_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "aftercare"."early_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"source" text NOT NULL,
	"number" text NOT NULL,
	"external_id" text NOT NULL,
	"event" jsonb NOT NULL,
	CONSTRAINT "early_events_external_id" UNIQUE("source","number","external_id")
);
--> statement-breakpoint
CREATE TABLE "aftercare"."events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "aftercare"."events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"order_id" uuid NOT NULL,
	"external_id" text,
	"what" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"touch" text,
	"occurrence" text,
	"why" text,
	"text" text,
	"data" jsonb,
	CONSTRAINT "events_external_id" UNIQUE("order_id","external_id")
);
--> statement-breakpoint
CREATE TABLE "aftercare"."ledger" (
	"order_id" uuid NOT NULL,
	"touch" text NOT NULL,
	"occurrence" text NOT NULL,
	"state" text NOT NULL,
	"attempt" integer NOT NULL,
	"message_id" text NOT NULL,
	"claimed_at" timestamp (3) with time zone NOT NULL,
	"sent_at" timestamp (3) with time zone,
	"reply" text,
	CONSTRAINT "ledger_order_id_touch_occurrence_pk" PRIMARY KEY("order_id","touch","occurrence")
);
--> statement-breakpoint
CREATE TABLE "aftercare"."orders" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"source" text NOT NULL,
	"number" text NOT NULL,
	"customer_id" uuid NOT NULL,
	"placed_at" timestamp (3) with time zone NOT NULL,
	"paid_at" timestamp (3) with time zone,
	"accepted_at" timestamp (3) with time zone NOT NULL,
	"currency" text NOT NULL,
	"total" numeric NOT NULL,
	"lines" jsonb NOT NULL,
	"fingerprint" text NOT NULL,
	"playbook" text NOT NULL,
	"playbook_hash" text NOT NULL,
	"owner" text NOT NULL,
	"referred_by" uuid,
	"fell_away" boolean DEFAULT false NOT NULL,
	"stage" text NOT NULL,
	"outcome" text,
	"score" integer,
	"next_touch" text,
	"next_due_at" timestamp (3) with time zone,
	CONSTRAINT "orders_source_number" UNIQUE("source","number")
);
--> statement-breakpoint
CREATE TABLE "aftercare"."outbox" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "aftercare"."outbox_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"order_id" uuid NOT NULL,
	"start" boolean NOT NULL,
	"leased_until" timestamp (3) with time zone,
	"attempts" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "aftercare"."playbooks" (
	"hash" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"source" text NOT NULL,
	"added_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "aftercare"."settings" (
	"id" integer PRIMARY KEY DEFAULT 1 NOT NULL,
	"company" text DEFAULT 'Our company' NOT NULL,
	"zone" text DEFAULT 'UTC' NOT NULL,
	"mail_from" text DEFAULT 'aftercare@localhost.localdomain' NOT NULL,
	"default_owner" text DEFAULT 'office' NOT NULL,
	"ask_first_in" text[] DEFAULT '{}' NOT NULL,
	"secret" text NOT NULL,
	"day_seconds" integer NOT NULL
);
--> statement-breakpoint
CREATE TABLE "aftercare"."staff" (
	"handle" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"email" text,
	"phone" text,
	CONSTRAINT "staff_email_unique" UNIQUE("email")
);
--> statement-breakpoint
CREATE TABLE "aftercare"."suppressions" (
	"address_hash" text PRIMARY KEY NOT NULL,
	"reason" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "aftercare"."task_touches" (
	"task_id" uuid NOT NULL,
	"order_id" uuid NOT NULL,
	"touch" text NOT NULL,
	"occurrence" text NOT NULL,
	CONSTRAINT "task_touches_task_id_order_id_touch_occurrence_pk" PRIMARY KEY("task_id","order_id","touch","occurrence")
);
--> statement-breakpoint
CREATE TABLE "aftercare"."tasks" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"order_id" uuid NOT NULL,
	"customer_id" uuid NOT NULL,
	"kind" text NOT NULL,
	"reason" text NOT NULL,
	"owner" text NOT NULL,
	"due_at" timestamp (3) with time zone NOT NULL,
	"status" text DEFAULT 'open' NOT NULL,
	"outcome" text,
	"outcome_id" text,
	"note" text,
	"made_at" timestamp (3) with time zone NOT NULL,
	"done_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "aftercare"."tokens" (
	"hash" text PRIMARY KEY NOT NULL,
	"purpose" text NOT NULL,
	"order_id" uuid NOT NULL,
	"expires_at" timestamp (3) with time zone
);
--> statement-breakpoint
ALTER TABLE "aftercare"."answers" ADD CONSTRAINT "answers_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "aftercare"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."events" ADD CONSTRAINT "events_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "aftercare"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."ledger" ADD CONSTRAINT "ledger_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "aftercare"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."orders" ADD CONSTRAINT "orders_customer_id_customers_id_fk" FOREIGN KEY ("customer_id") REFERENCES "aftercare"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."orders" ADD CONSTRAINT "orders_playbook_hash_playbooks_hash_fk" FOREIGN KEY ("playbook_hash") REFERENCES "aftercare"."playbooks"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."orders" ADD CONSTRAINT "orders_owner_staff_handle_fk" FOREIGN KEY ("owner") REFERENCES "aftercare"."staff"("handle") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."orders" ADD CONSTRAINT "orders_referred_by_customers_id_fk" FOREIGN KEY ("referred_by") REFERENCES "aftercare"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."outbox" ADD CONSTRAINT "outbox_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "aftercare"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."task_touches" ADD CONSTRAINT "task_touches_task_id_tasks_id_fk" FOREIGN KEY ("task_id") REFERENCES "aftercare"."tasks"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."task_touches" ADD CONSTRAINT "task_touches_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "aftercare"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."tasks" ADD CONSTRAINT "tasks_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "aftercare"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."tasks" ADD CONSTRAINT "tasks_customer_id_customers_id_fk" FOREIGN KEY ("customer_id") REFERENCES "aftercare"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."tasks" ADD CONSTRAINT "tasks_owner_staff_handle_fk" FOREIGN KEY ("owner") REFERENCES "aftercare"."staff"("handle") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "aftercare"."tokens" ADD CONSTRAINT "tokens_order_id_orders_id_fk" FOREIGN KEY ("order_id") REFERENCES "aftercare"."orders"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "customers_email_hash" ON "aftercare"."customers" USING btree ("email_hash");--> statement-breakpoint
CREATE INDEX "events_order" ON "aftercare"."events" USING btree ("order_id","id");--> statement-breakpoint
CREATE INDEX "orders_customer" ON "aftercare"."orders" USING btree ("customer_id","placed_at","source","number");--> statement-breakpoint
CREATE INDEX "orders_open" ON "aftercare"."orders" USING btree ("id") WHERE stage not in ('history', 'ended');--> statement-breakpoint
CREATE INDEX "orders_placed" ON "aftercare"."orders" USING btree ("placed_at","id");--> statement-breakpoint
CREATE INDEX "orders_stage" ON "aftercare"."orders" USING btree ("stage","placed_at","id");--> statement-breakpoint
CREATE INDEX "outbox_order" ON "aftercare"."outbox" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "task_touches_order" ON "aftercare"."task_touches" USING btree ("order_id","touch","occurrence");--> statement-breakpoint
CREATE INDEX "tasks_due" ON "aftercare"."tasks" USING btree ("status","due_at","id");--> statement-breakpoint
CREATE INDEX "tasks_owner" ON "aftercare"."tasks" USING btree ("owner","status","due_at","id");--> statement-breakpoint
CREATE INDEX "tasks_open_of_customer" ON "aftercare"."tasks" USING btree ("customer_id") WHERE status = 'open';--> statement-breakpoint
CREATE INDEX "tasks_order" ON "aftercare"."tasks" USING btree ("order_id");--> statement-breakpoint
CREATE INDEX "tokens_order" ON "aftercare"."tokens" USING btree ("order_id");