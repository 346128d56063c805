import { createRouter, createWebHistory } from 'vue-router'

/** Addresses are shareable: filters and selections live in the query. */
export const router = createRouter({
  history: createWebHistory(),
  routes: [{ path: '/', name: 'lab', component: () => import('./pages/LabPage.vue') }],
})
