ALTER TABLE "aftercare"."answers" ADD COLUMN "customer_id" uuid;--> statement-breakpoint
-- Who the survey was mailed to, where that was one person; else who ordered, as it was taken to be.
UPDATE "aftercare"."answers" a SET "customer_id" = coalesce((
  SELECT (array_agg(t."customer_id"))[1] FROM "aftercare"."tokens" t
  WHERE a."way" = 'link' AND t."order_id" = a."order_id" AND t."purpose" = 'survey' AND coalesce(t."survey", 'nps') = a."survey"
  HAVING count(DISTINCT coalesce(t."customer_id", o."customer_id")) = 1), o."customer_id")
FROM "aftercare"."orders" o WHERE o."id" = a."order_id";--> statement-breakpoint
ALTER TABLE "aftercare"."answers" ALTER COLUMN "customer_id" SET NOT NULL;--> statement-breakpoint
ALTER TABLE "aftercare"."answers" DROP CONSTRAINT "answers_order_id_survey_pk";--> statement-breakpoint
ALTER TABLE "aftercare"."answers" ADD CONSTRAINT "answers_order_id_survey_customer_id_pk" PRIMARY KEY("order_id","survey","customer_id");--> statement-breakpoint
ALTER TABLE "aftercare"."answers" ADD CONSTRAINT "answers_customer_id_customers_id_fk" FOREIGN KEY ("customer_id") REFERENCES "aftercare"."customers"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "answers_customer" ON "aftercare"."answers" USING btree ("customer_id");--> statement-breakpoint
DROP INDEX "aftercare"."answers_quotes";--> statement-breakpoint
CREATE INDEX "answers_quotes" ON "aftercare"."answers" USING btree ("at","order_id") WHERE benefit is not null or better is not null or own <> '{}';
