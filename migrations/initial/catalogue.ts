import type { Knex } from 'knex';
import { protectTenantTable } from '../../lib/db/row-security.ts';

export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    CREATE TABLE industries (
      id uuid PRIMARY KEY,
      name text NOT NULL UNIQUE,
      created_at timestamptz NOT NULL DEFAULT now()
    );

    CREATE TABLE product_categories (
      id uuid PRIMARY KEY,
      industry_id uuid NOT NULL REFERENCES industries (id),
      name text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      UNIQUE (industry_id, name)
    );

    CREATE TABLE products (
      id uuid PRIMARY KEY,
      category_id uuid NOT NULL REFERENCES product_categories (id),
      name text NOT NULL,
      created_at timestamptz NOT NULL DEFAULT now(),
      UNIQUE (category_id, name)
    );

    CREATE TABLE client_products (
      client_id text NOT NULL REFERENCES clients (client_id),
      product_id uuid NOT NULL REFERENCES products (id),
      enabled boolean NOT NULL DEFAULT true,
      created_at timestamptz NOT NULL DEFAULT now(),
      PRIMARY KEY (client_id, product_id)
    );
    CREATE INDEX client_products_product ON client_products (product_id);
  `);
  await protectTenantTable(knex, 'client_products');
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw('DROP TABLE client_products, products, product_categories, industries');
}
