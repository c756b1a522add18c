import { z } from 'zod';
import { idSchema } from '../../lib/core/ids.ts';
import { pageOf, pageQuery } from '../../lib/core/paging.ts';
import { defineContract, empty, json } from '../../lib/contract/route.ts';
import { label } from '../../lib/contract/refinements.ts';
import { flag, inClient, time } from '../../lib/contract/shapes.ts';

const ofIndustry = z.object({ industry_id: idSchema });
const ofCategory = z.object({ category_id: idSchema });
const ofProduct = z.object({ product_id: idSchema });
const name = label(200);
const rename = z.strictObject({ name });

const industry = z.object({ id: idSchema, name: z.string(), created_at: time });
const category = industry.extend({ industry_id: idSchema });
const product = industry.extend({ category_id: idSchema });

const clientProduct = z.object({
  client_id: z.string(),
  product_id: idSchema,
  /** Names, as a manifest has them. */
  product: z.string(),
  category: z.string(),
  industry: z.string(),
  category_id: idSchema,
  industry_id: idSchema,
  enabled: z.boolean(),
  attached_at: time,
});
export type ClientProduct = z.input<typeof clientProduct>;

const clientProductFilters = pageQuery.extend({
  enabled: flag.optional(),
});
export type ClientProductFilters = z.output<typeof clientProductFilters>;

export const productContract = defineContract('product', {
  listIndustries: {
    method: 'GET',
    path: '/api/industries',
    access: 'grant',
    summary: 'List the industries by name',
    query: pageQuery,
    responses: { 200: json(pageOf(industry)) },
  },
  createIndustry: {
    method: 'POST',
    path: '/api/industries',
    access: 'grant',
    summary: 'Make an industry',
    body: json(z.strictObject({ name })),
    responses: { 201: json(industry) },
    errors: ['conflict'],
  },
  getIndustry: {
    method: 'GET',
    path: '/api/industries/{industry_id}',
    access: 'grant',
    summary: 'Read an industry',
    params: ofIndustry,
    responses: { 200: json(industry) },
    errors: ['not_found'],
  },
  renameIndustry: {
    method: 'PATCH',
    path: '/api/industries/{industry_id}',
    access: 'grant',
    summary: 'Rename an industry',
    params: ofIndustry,
    body: json(rename),
    responses: { 200: json(industry) },
    errors: ['conflict'],
  },
  deleteIndustry: {
    method: 'DELETE',
    path: '/api/industries/{industry_id}',
    access: 'grant',
    summary: 'Delete an industry that has no category',
    params: ofIndustry,
    responses: { 204: empty },
    errors: ['conflict'],
  },
  listCategories: {
    method: 'GET',
    path: '/api/categories',
    access: 'grant',
    summary: 'List the categories by name, of all industries or of one',
    query: pageQuery.extend({ industry_id: idSchema.optional() }),
    responses: { 200: json(pageOf(category)) },
  },
  createCategory: {
    method: 'POST',
    path: '/api/categories',
    access: 'grant',
    summary: 'Make a category in an industry',
    body: json(z.strictObject({ industry_id: idSchema, name })),
    responses: { 201: json(category) },
    errors: ['conflict'],
  },
  getCategory: {
    method: 'GET',
    path: '/api/categories/{category_id}',
    access: 'grant',
    summary: 'Read a category',
    params: ofCategory,
    responses: { 200: json(category) },
    errors: ['not_found'],
  },
  renameCategory: {
    method: 'PATCH',
    path: '/api/categories/{category_id}',
    access: 'grant',
    summary: 'Rename a category',
    params: ofCategory,
    body: json(rename),
    responses: { 200: json(category) },
    errors: ['conflict'],
  },
  deleteCategory: {
    method: 'DELETE',
    path: '/api/categories/{category_id}',
    access: 'grant',
    summary: 'Delete a category that has no product',
    params: ofCategory,
    responses: { 204: empty },
    errors: ['conflict'],
  },
  listProducts: {
    method: 'GET',
    path: '/api/products',
    access: 'grant',
    summary: 'List the products by name, of all categories or of one',
    query: pageQuery.extend({ category_id: idSchema.optional() }),
    responses: { 200: json(pageOf(product)) },
  },
  createProduct: {
    method: 'POST',
    path: '/api/products',
    access: 'grant',
    summary: 'Make a product in a category',
    body: json(z.strictObject({ category_id: idSchema, name })),
    responses: { 201: json(product) },
    errors: ['conflict'],
  },
  getProduct: {
    method: 'GET',
    path: '/api/products/{product_id}',
    access: 'grant',
    summary: 'Read a product',
    params: ofProduct,
    responses: { 200: json(product) },
    errors: ['not_found'],
  },
  renameProduct: {
    method: 'PATCH',
    path: '/api/products/{product_id}',
    access: 'grant',
    summary: 'Rename a product',
    params: ofProduct,
    body: json(rename),
    responses: { 200: json(product) },
    errors: ['conflict'],
  },
  deleteProduct: {
    method: 'DELETE',
    path: '/api/products/{product_id}',
    access: 'grant',
    summary: 'Delete a product that no client has',
    params: ofProduct,
    responses: { 204: empty },
    errors: ['conflict'],
  },
  listClientProducts: {
    method: 'GET',
    path: '/api/clients/{client_id}/products',
    access: 'grant',
    summary: 'List the client’s products with their category and industry',
    params: inClient,
    query: clientProductFilters,
    responses: { 200: json(pageOf(clientProduct)) },
  },
  putClientProduct: {
    method: 'PUT',
    path: '/api/clients/{client_id}/products/{product_id}',
    access: 'grant',
    summary: 'Attach a product to the client, or switch it on or off',
    params: inClient.extend(ofProduct.shape),
    body: json(z.strictObject({ enabled: z.boolean().default(true) })),
    responses: { 200: json(clientProduct), 201: json(clientProduct) },
    errors: ['not_found'],
  },
  detachClientProduct: {
    method: 'DELETE',
    path: '/api/clients/{client_id}/products/{product_id}',
    access: 'grant',
    summary: 'Detach a product that no lead of the client is about',
    params: inClient.extend(ofProduct.shape),
    responses: { 204: empty },
    errors: ['not_found', 'conflict'],
  },
});
export type ProductContract = typeof productContract;
