import { createRouter, createWebHistory } from 'vue-router'

const resourcePages = ['pods', 'deployments', 'services', 'events']

/** Addresses are shareable: filters and selections live in the query. */
export const router = createRouter({
  history: createWebHistory(),
  routes: [
    { path: '/', component: () => import('./pages/LabPage.vue') },
    ...resourcePages.map((plural) => ({
      path: `/${plural}`,
      component: () => import('./pages/ResourcePage.vue'),
      props: { plural },
    })),
    { path: '/pods/:namespace/:name/:tab?', component: () => import('./pages/PodPage.vue'), props: true },
    { path: '/explore', component: () => import('./pages/ExplorePage.vue') },
    { path: '/explore/:id', component: () => import('./pages/KindPage.vue'), props: true },
    { path: '/network', component: () => import('./pages/NetworkPage.vue') },
    { path: '/machines', component: () => import('./pages/MachinesPage.vue') },
    { path: '/nodes', component: () => import('./pages/NodesPage.vue') },
    { path: '/glass', component: () => import('./pages/GlassPage.vue') },
    { path: '/births', component: () => import('./pages/BirthsPage.vue') },
    { path: '/settings', component: () => import('./pages/SettingsPage.vue') },
    { path: '/:rest(.*)*', component: () => import('./pages/NotFoundPage.vue') },
  ],
})
